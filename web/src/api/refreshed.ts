/**
 * Asks one question at a time: what is asked for meanwhile is asked once more after the answer, however often it was asked for. So answers
 * come however fast things happen, and never in the wrong order.
 */
export class Refreshed<T> {
    readonly #question: (signal: AbortSignal) => Promise<T>;
    readonly #onAnswer: (answer: T) => void;
    readonly #onFailure: (error: unknown) => void;
    readonly #controller = new AbortController();
    #isAsking = false;
    #isStale = false;

    constructor(
        question: (signal: AbortSignal) => Promise<T>,
        onAnswer: (answer: T) => void,
        onFailure: (error: unknown) => void,
    ) {
        this.#question = question;
        this.#onAnswer = onAnswer;
        this.#onFailure = onFailure;
    }

    ask(): void {
        if (this.#isAsking) {
            this.#isStale = true;
            return;
        }
        this.#isAsking = true;
        this.#isStale = false;
        const { signal } = this.#controller;
        this.#question(signal).then(
            (answer) => {
                this.#ended(() => {
                    this.#onAnswer(answer);
                });
            },
            (error: unknown) => {
                this.#ended(() => {
                    this.#onFailure(error);
                });
            },
        );
    }

    /** Nothing is told afterwards. */
    end(): void {
        this.#controller.abort();
    }

    #ended(tell: () => void): void {
        this.#isAsking = false;
        if (this.#controller.signal.aborted) {
            return;
        }
        tell();
        if (this.#isStale) {
            this.ask();
        }
    }
}
