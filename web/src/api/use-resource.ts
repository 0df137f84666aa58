import { useContext, useEffect, useState } from 'preact/hooks';
import { AppContext } from '../app/context';
import { ApiError, call } from './client';
import type { EventKind } from './live';

export type Resource<T> =
    | { readonly state: 'loading' }
    | { readonly state: 'failed'; readonly error: unknown; readonly again: () => void }
    | { readonly state: 'ready'; readonly data: T };

/** So long after an event a page waits before it asks again: a round brings several events at once. */
const SETTLE_MS = 300;

/**
 * What the server answers to a path, asked again when one of the events happens. What was there stays on the page while it is
 * asked again, and where that fails.
 */
export function useResource<T>(path: string, events: readonly EventKind[] = []): Resource<T> {
    const { live, onSignedOut } = useContext(AppContext);
    const [known, setKnown] = useState<{ readonly path: string; readonly resource: Resource<T> }>();
    const [attempt, setAttempt] = useState(0);
    const kinds = events.join();
    useEffect(() => {
        let timer: ReturnType<typeof setTimeout> | undefined;
        const stop = live.on(kinds.split(',') as EventKind[], () => {
            timer ??= setTimeout(() => {
                timer = undefined;
                setAttempt((so) => so + 1);
            }, SETTLE_MS);
        });
        return () => {
            stop();
            clearTimeout(timer);
        };
    }, [live, kinds]);
    useEffect(() => {
        const controller = new AbortController();
        const { signal } = controller;
        call<T>('GET', path, { signal }).then(
            (data) => {
                setKnown({ path, resource: { state: 'ready', data } });
            },
            (error: unknown) => {
                if (error instanceof ApiError && error.status === 401) {
                    onSignedOut();
                } else if (!signal.aborted) {
                    const again = (): void => {
                        setKnown(undefined);
                        setAttempt((so) => so + 1);
                    };
                    setKnown((before) =>
                        before?.path === path && before.resource.state === 'ready'
                            ? before
                            : { path, resource: { state: 'failed', error, again } },
                    );
                }
            },
        );
        return () => {
            controller.abort();
        };
    }, [path, attempt, onSignedOut]);
    return known?.path === path ? known.resource : { state: 'loading' };
}
