// Sends requests until a quota is reached: what is under way while a storefront's total is counted is counted twice until the next count.

/** Longer than two counts of one process are apart at least. */
const COUNT_MS = 120;
const MOST_TRIES = 60;

/** How many of the answers of a crowd are successes, with those requested one by one after it up to `most`. */
export async function filledUpTo(
  most: number,
  crowd: readonly { __typename: string }[],
  ask: () => Promise<{ __typename: string }>,
): Promise<number> {
  const isSuccess = ({ __typename }: { __typename: string }) => __typename.endsWith('Success');
  let successes = crowd.filter(isSuccess).length;
  for (let i = 0; i < MOST_TRIES && successes < most; i += 1) {
    await new Promise((resolve) => setTimeout(resolve, COUNT_MS));
    if (isSuccess(await ask())) successes += 1;
  }
  await new Promise((resolve) => setTimeout(resolve, COUNT_MS));
  return successes;
}
