/** Refuses what comes beyond a number of requests at a time, rather than letting everybody wait. */
export class ConcurrencyLimit {
    private running = 0;

    constructor(
        private readonly service: string,
        private readonly limit: number,
    ) {}

    /** Runs the request, or throws in Fabric's words. */
    async run<T>(request: () => Promise<T>): Promise<T> {
        if (this.running >= this.limit) {
            throw new Error(`too many requests for ${this.service}, exceeding concurrency limit (${this.limit})`);
        }
        this.running += 1;
        try {
            return await request();
        } finally {
            this.running -= 1;
        }
    }
}
