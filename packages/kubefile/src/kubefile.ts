/** A Kubefile that has been read. */

import type { Diagnostic } from './diagnostic.ts';
import type { EscapeToken } from './directives.ts';
import type { ArgInstruction, FromInstruction, Instruction } from './instruction.ts';

export interface Kubefile {
  /** The name it has in messages. */
  readonly file: string;
  readonly escapeToken: EscapeToken;
  /** The ARGs before the first FROM; only FROM sees them, and an ARG of the same name in a stage. */
  readonly metaArgs: readonly ArgInstruction[];
  /** In the order of the file; the image is built from the last one. */
  readonly stages: readonly Stage[];
  /** Everything wrong or doubtful, in the order of the file. Where one is an error the rest of this value is only what could be understood. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface Stage {
  readonly index: number;
  /** In lower case. */
  readonly name?: string;
  readonly from: FromInstruction;
  /** Those after FROM. */
  readonly instructions: readonly StageInstruction[];
}

/** An instruction that can stand in a stage. */
export type StageInstruction = Exclude<Instruction, FromInstruction>;
