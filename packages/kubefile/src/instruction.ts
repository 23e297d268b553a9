/** The instructions of a Kubefile as they are written, before variables are expanded. */

import type { Range, Word } from './position.ts';

export type Instruction =
  | AddInstruction
  | AppCmdsInstruction
  | AppEnvInstruction
  | ApplicationInstruction
  | ArgInstruction
  | CmdInstruction
  | CmdsInstruction
  | CopyInstruction
  | EnvInstruction
  | FromInstruction
  | KubeVersionInstruction
  | LabelInstruction
  | LaunchInstruction
  | MaintainerInstruction
  | RunInstruction;

/** What every instruction has. */
interface Located<Keyword extends string> {
  readonly keyword: Keyword;
  /** From the instruction word to the end of its last line. */
  readonly range: Range;
  readonly keywordRange: Range;
}

/** `FROM [--platform=P] IMAGE [AS NAME]` */
export interface FromInstruction extends Located<'FROM'> {
  readonly image: Word;
  readonly platform?: Word;
  /** The stage's name in lower case. */
  readonly stageName?: Word;
}

/** `name=value`; both may hold variables and quotes. */
export interface Pair {
  readonly name: Word;
  readonly value: Word;
}

/** `ARG NAME[=DEFAULT] ...` */
export interface ArgInstruction extends Located<'ARG'> {
  readonly arguments: readonly { readonly name: Word; readonly default?: Word }[];
}

/** `ENV NAME=VALUE ...`, or `ENV NAME VALUE` */
export interface EnvInstruction extends Located<'ENV'> {
  readonly variables: readonly Pair[];
}

/** `LABEL NAME=VALUE ...`, or `LABEL NAME VALUE` */
export interface LabelInstruction extends Located<'LABEL'> {
  readonly labels: readonly Pair[];
}

/** `MAINTAINER TEXT`; the text is taken as it is. */
export interface MaintainerInstruction extends Located<'MAINTAINER'> {
  readonly maintainer: string;
}

/** A file whose content is in the Kubefile: `<<EOF`. */
export interface InlineFile {
  readonly type: 'inline';
  readonly name: string;
  readonly content: Word;
  readonly expansion: 'variables' | 'none';
}

/** A source of COPY or ADD. */
export type CopySource = { readonly type: 'path'; readonly path: Word } | InlineFile;

/** What COPY and ADD have in common. */
export interface CopyOptions {
  readonly sources: readonly CopySource[];
  readonly destination: Word;
  readonly chown?: Word;
  readonly chmod?: Word;
  readonly excludes: readonly Word[];
  /** `--link`: the files do not depend on what is below them. They never do in a cluster image, so it changes nothing. */
  readonly link: 'independent' | 'dependent';
}

/** `COPY [--from=STAGE|IMAGE] [--chown=U:G] [--chmod=MODE] [--exclude=PATTERN]... [--link] SOURCE... DESTINATION` */
export interface CopyInstruction extends Located<'COPY'>, CopyOptions {
  /** A stage's name or number, or an image; variables are not expanded in it. */
  readonly from?: Word;
}

/** `ADD [--checksum=DIGEST] [--chown=U:G] [--chmod=MODE] [--exclude=PATTERN]... [--link] SOURCE... DESTINATION` */
export interface AddInstruction extends Located<'ADD'>, CopyOptions {
  readonly checksum?: Word;
}

/** What RUN runs: a line for the shell, a program with arguments, or a script for the shell (or, with `#!`, for another interpreter). */
export type RunCommand =
  | { readonly form: 'shell'; readonly command: string }
  | { readonly form: 'exec'; readonly arguments: readonly string[] }
  | { readonly form: 'script'; readonly script: string };

/** `RUN [--network=default|none|host] COMMAND`; variables are left to the shell. */
export interface RunInstruction extends Located<'RUN'> {
  readonly command: RunCommand;
  readonly network: 'default' | 'none' | 'host';
}

/** `CMD TEXT`, deprecated; the text is taken as it is, in JSON form too. */
export interface CmdInstruction extends Located<'CMD'> {
  readonly command: string;
}

/** `CMDS ["COMMAND", ...]`: what launches the cluster image; variables are left to the shell that runs it. */
export interface CmdsInstruction extends Located<'CMDS'> {
  readonly commands: readonly string[];
}

/** `APP|CNI|CSI NAME SOURCE...`; a source is `local://`, `http://` or `https://`. */
export interface ApplicationInstruction extends Located<'APP' | 'CNI' | 'CSI'> {
  readonly application: Word;
  readonly sources: readonly Word[];
}

/** `APPCMDS NAME ["COMMAND", ...]`; variables are left to the shell that runs them. */
export interface AppCmdsInstruction extends Located<'APPCMDS'> {
  readonly application: Word;
  readonly commands: readonly string[];
}

/** `APPENV NAME KEY=VALUE ...`; quotes are removed, variables are left to the launch. */
export interface AppEnvInstruction extends Located<'APPENV'> {
  readonly application: Word;
  readonly variables: readonly { readonly name: string; readonly value: string }[];
}

/** `LAUNCH NAME...`: the applications to launch, in order. */
export interface LaunchInstruction extends Located<'LAUNCH'> {
  readonly applications: readonly Word[];
}

/** `KUBEVERSION RANGE`: the versions of Kubernetes that the image supports. */
export interface KubeVersionInstruction extends Located<'KUBEVERSION'> {
  readonly versions: Word;
}
