/** What was given is wrong, not the program or its servers: commands end with exit code 2. The message names place and mend. */
export class InvalidInput extends Error {}
