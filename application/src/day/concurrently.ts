/** Does the work for every item, at most `limit` at once, and stops taking up new ones after the first failure. */
export async function concurrently<T, R>(
    items: readonly T[],
    limit: number,
    work: (item: T) => Promise<R>,
): Promise<R[]> {
    const results: R[] = [];
    let next = 0;
    let failed = false;
    const worker = async (): Promise<void> => {
        while (next < items.length && !failed) {
            const index = next++;
            try {
                results[index] = await work(items[index] as T);
            } catch (error) {
                failed = true;
                throw error;
            }
        }
    };
    const ended = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, worker));
    const failure = ended.find((each) => each.status === 'rejected');
    if (failure !== undefined) {
        throw failure.reason instanceof Error ? failure.reason : new Error(String(failure.reason));
    }
    return results;
}
