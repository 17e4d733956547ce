/** An event that cannot be used, with its reason: what is wrong; what would be right. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}
