/** Ends with Ctrl-C, or with what a service manager sends. A second Ctrl-C ends the process at once. */
export function untilTold(): Promise<void> {
    return new Promise((resolve) => {
        const end = (): void => {
            process.removeListener('SIGINT', end);
            process.removeListener('SIGTERM', end);
            resolve();
        };
        process.on('SIGINT', end);
        process.on('SIGTERM', end);
    });
}
