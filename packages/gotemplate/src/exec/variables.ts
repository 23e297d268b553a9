/** The variables that are visible: a stack, of which a block takes away at its end what it put there. */

import type { Value } from './run.ts';

/** A variable; an assignment changes it where it was declared. */
export interface Variable {
  readonly name: string;
  value: Value;
  /** Its static type is interface {}: a range gave it an element. */
  boxed: boolean;
}

export class Variables {
  private readonly stack: Variable[];

  constructor(data: Value) {
    this.stack = [{ name: '$', value: data, boxed: false }];
  }

  get height(): number {
    return this.stack.length;
  }

  declare(name: string, value: Value): void {
    this.stack.push({ name, value, boxed: false });
  }

  /** The variable of this name that was declared last. */
  find(name: string): Variable | undefined {
    return this.stack.findLast((variable) => variable.name === name);
  }

  /** The variable that was declared so many before `height` was reached. */
  below(height: number, distance: number): Variable | undefined {
    return this.stack[height - distance];
  }

  /** Forgets what was declared since the stack had this height. */
  cut(height: number): void {
    this.stack.length = height;
  }
}
