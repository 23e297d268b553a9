/** The version that `--version` prints and that requests carry; a test holds it equal to package.json. */
export const VERSION: string = '0.1.0';
