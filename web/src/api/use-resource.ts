import { useContext, useEffect, useState } from 'preact/hooks';
import { AppContext } from '../app/context';
import { ApiError, call } from './client';
import type { EventKind } from './live';
import { Refreshed } from './refreshed';

export type Resource<T> =
    | { readonly state: 'loading' }
    | { readonly state: 'failed'; readonly error: unknown; readonly again: () => void }
    | { readonly state: 'ready'; readonly data: T };

interface Known<T> {
    readonly path: string;
    readonly resource: Resource<T>;
}

/**
 * What the server answers to a path, asked again when one of the events happens. What was there stays on the page while it is
 * asked again, and where that fails.
 */
export function useResource<T>(path: string, events: readonly EventKind[] = []): Resource<T> {
    const { live, onSignedOut } = useContext(AppContext);
    const [known, setKnown] = useState<Known<T>>();
    const kinds = events.join();
    useEffect(() => {
        const asking: Refreshed<T> = new Refreshed<T>(
            (signal) => call<T>('GET', path, { signal }),
            (data) => {
                setKnown({ path, resource: { state: 'ready', data } });
            },
            (error) => {
                if (error instanceof ApiError && error.status === 401) {
                    onSignedOut();
                    return;
                }
                const again = (): void => {
                    setKnown(undefined);
                    asking.ask();
                };
                setKnown((before) => kept(before, path) ?? { path, resource: { state: 'failed', error, again } });
            },
        );
        asking.ask();
        const stop = live.on(kinds.split(',') as EventKind[], () => {
            asking.ask();
        });
        return () => {
            stop();
            asking.end();
        };
    }, [path, kinds, live, onSignedOut]);
    return known?.path === path ? known.resource : { state: 'loading' };
}

const kept = <T>(known: Known<T> | undefined, path: string): Known<T> | undefined =>
    known?.path === path && known.resource.state === 'ready' ? known : undefined;
