/**
 * What the first attempt that succeeds comes to. The next one begins when the one before has failed, or has not answered for so long: it may be
 * slow, or have no intention to. What is still under way then goes on, and nobody hears of it.
 *
 * @throws the first failure, where all have failed.
 */
export function firstOf<R>(attempts: readonly (() => Promise<R>)[], patienceMs: number): Promise<R> {
    return new Promise((resolve, reject) => {
        let [begun, failed] = [0, 0];
        let first: unknown;
        let timer: NodeJS.Timeout | undefined;
        const begin = (): void => {
            clearTimeout(timer);
            const attempt = attempts[begun++];
            if (attempt === undefined) {
                return;
            }
            timer = setTimeout(begin, patienceMs);
            attempt().then(
                (result) => {
                    clearTimeout(timer);
                    begun = attempts.length;
                    resolve(result);
                },
                (error: unknown) => {
                    first ??= error;
                    failed += 1;
                    if (failed < attempts.length) {
                        begin();
                    } else {
                        clearTimeout(timer);
                        reject(first instanceof Error ? first : new Error(String(first)));
                    }
                },
            );
        };
        begin();
    });
}
