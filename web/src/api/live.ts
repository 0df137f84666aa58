/** What the server tells of by itself. */
export const EVENTS = ['block', 'round', 'bill', 'agent'] as const;
export type EventKind = (typeof EVENTS)[number];
export type LiveState = 'connecting' | 'live' | 'lost';

/** One stream of the server's events for all parts of a page. The browser connects again by itself. */
export class Live {
    readonly #listeners = new Set<(kind: EventKind) => void>();
    readonly #watchers = new Set<(state: LiveState) => void>();
    #source: EventSource | undefined;
    #state: LiveState = 'connecting';

    get state(): LiveState {
        return this.#state;
    }

    open(): void {
        const source = new EventSource('/api/v1/events');
        this.#source = source;
        source.addEventListener('open', () => {
            const wasLost = this.#state === 'lost';
            this.#set('live');
            if (wasLost) {
                // What was told meanwhile was not heard: everybody looks again.
                EVENTS.forEach((kind) => {
                    this.#tell(kind);
                });
            }
        });
        source.addEventListener('error', () => {
            this.#set('lost');
        });
        for (const kind of EVENTS) {
            source.addEventListener(kind, () => {
                this.#tell(kind);
            });
        }
    }

    close(): void {
        this.#source?.close();
        this.#source = undefined;
        this.#set('connecting');
    }

    on(kinds: readonly EventKind[], listener: () => void): () => void {
        const heard = (kind: EventKind): void => {
            if (kinds.includes(kind)) {
                listener();
            }
        };
        this.#listeners.add(heard);
        return () => this.#listeners.delete(heard);
    }

    watch(watcher: (state: LiveState) => void): () => void {
        this.#watchers.add(watcher);
        return () => this.#watchers.delete(watcher);
    }

    #tell(kind: EventKind): void {
        this.#listeners.forEach((listener) => {
            listener(kind);
        });
    }

    #set(state: LiveState): void {
        this.#state = state;
        this.#watchers.forEach((watcher) => {
            watcher(state);
        });
    }
}
