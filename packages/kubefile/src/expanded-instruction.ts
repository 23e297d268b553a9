/** The instructions of a stage with all variables expanded: what a builder works from. */

import type { Digest, Platform, Reference } from '@kubecrate/oci';
import type { InlineFile, RunCommand, RunInstruction } from './instruction.ts';
import type { Range } from './position.ts';

export type ExpandedInstruction =
  | ExpandedAdd
  | ExpandedAppCmds
  | ExpandedAppEnv
  | ExpandedApplication
  | ExpandedArg
  | ExpandedCmd
  | ExpandedCmds
  | ExpandedCopy
  | ExpandedEnv
  | ExpandedKubeVersion
  | ExpandedLabel
  | ExpandedLaunch
  | ExpandedMaintainer
  | ExpandedRun;

/** What a stage begins with. */
export type StageBase =
  | { readonly type: 'scratch' }
  | { readonly type: 'stage'; readonly index: number }
  | (NamedImage & { readonly platform: Platform });

/** An image that the Kubefile names. */
export interface NamedImage {
  readonly type: 'image';
  /** The name as it is written, with its variables expanded. */
  readonly image: string;
  readonly reference: Reference;
}

interface Located<Keyword extends string> {
  readonly keyword: Keyword;
  readonly range: Range;
}

export interface NameValue {
  readonly name: string;
  readonly value: string;
}

/** Where it is written is kept, for the message that it is not there. */
export interface PathSource {
  readonly type: 'path';
  readonly path: string;
  readonly range: Range;
}

export interface UrlSource {
  readonly type: 'url';
  readonly url: string;
  readonly range: Range;
}

export interface InlineSource {
  readonly type: InlineFile['type'];
  readonly name: string;
  readonly content: string;
}

interface ExpandedCopyOptions {
  readonly destination: string;
  /** `USER[:GROUP]`, by name or number. */
  readonly chown?: string;
  /** Three or four octal digits, as a number. */
  readonly chmod?: number;
  readonly excludes: readonly string[];
}

export interface ExpandedCopy extends Located<'COPY'>, ExpandedCopyOptions {
  readonly sources: readonly (PathSource | InlineSource)[];
  /** Absent: from the context. */
  readonly from?: { readonly type: 'stage'; readonly index: number } | NamedImage;
}

export interface ExpandedAdd extends Located<'ADD'>, ExpandedCopyOptions {
  readonly sources: readonly (PathSource | UrlSource | InlineSource)[];
  readonly checksum?: Digest;
}

export interface ExpandedRun extends Located<'RUN'> {
  readonly command: RunCommand;
  readonly network: RunInstruction['network'];
  /** ARGs and ENV at this place, ENV winning. */
  readonly environment: ReadonlyMap<string, string>;
}

export interface ExpandedArg extends Located<'ARG'> {
  /** Without a value where neither the build nor the file gives one. */
  readonly arguments: readonly { readonly name: string; readonly value?: string }[];
}

export interface ExpandedEnv extends Located<'ENV'> {
  readonly variables: readonly NameValue[];
}

export interface ExpandedLabel extends Located<'LABEL'> {
  readonly labels: readonly NameValue[];
}

export interface ExpandedMaintainer extends Located<'MAINTAINER'> {
  readonly maintainer: string;
}

export interface ExpandedCmd extends Located<'CMD'> {
  readonly command: string;
}

export interface ExpandedCmds extends Located<'CMDS'> {
  readonly commands: readonly string[];
}

export interface ExpandedApplication extends Located<'APP' | 'CNI' | 'CSI'> {
  readonly application: string;
  /** Paths are relative to the context. */
  readonly sources: readonly (PathSource | UrlSource)[];
}

export interface ExpandedAppCmds extends Located<'APPCMDS'> {
  readonly application: string;
  readonly commands: readonly string[];
}

export interface ExpandedAppEnv extends Located<'APPENV'> {
  readonly application: string;
  readonly variables: readonly NameValue[];
}

export interface ExpandedLaunch extends Located<'LAUNCH'> {
  readonly applications: readonly string[];
}

export interface ExpandedKubeVersion extends Located<'KUBEVERSION'> {
  readonly versions: string;
}
