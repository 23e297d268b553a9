/** Work that goes one after the other, by what it is about. */

/** The last work of each key. */
export type Turns = Map<string, Promise<void>>;

/** Runs `work` when all that came before it with this key has ended; a failure is told to whoever asked for that work alone. */
export async function inTurn<T>(turns: Turns, key: string, work: () => Promise<T>): Promise<T> {
  const turn = (turns.get(key) ?? Promise.resolve()).then(work);
  turns.set(
    key,
    turn.then(
      () => undefined,
      () => undefined,
    ),
  );
  return await turn;
}
