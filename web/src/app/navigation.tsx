import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { placeOf, type Place } from './routes';

const CHANGED = 'commonwatt:place';

/** Go to another page without loading everything again. */
export function go(path: string, { replace = false } = {}): void {
    history[replace ? 'replaceState' : 'pushState'](null, '', path);
    dispatchEvent(new Event(CHANGED));
}

/** Where the browser is; it moves by `go` and by the browser's own buttons. */
export function usePlace(): Place | undefined {
    const read = (): Place | undefined => placeOf(location.pathname, location.search);
    const [place, setPlace] = useState(read);
    useEffect(() => {
        const moved = (): void => {
            setPlace(read());
        };
        addEventListener('popstate', moved);
        addEventListener(CHANGED, moved);
        return () => {
            removeEventListener('popstate', moved);
            removeEventListener(CHANGED, moved);
        };
    }, []);
    return place;
}

interface LinkProps {
    readonly to: string;
    readonly class?: string;
    readonly 'aria-current'?: 'page' | undefined;
    readonly children: ComponentChildren;
}

/** An ordinary link: opens in a new tab where that is asked for, and changes the page in place where not. */
export function Link({ to, children, ...rest }: LinkProps): JSX.Element {
    const follow = (event: MouseEvent): void => {
        if (event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey) {
            event.preventDefault();
            go(to);
        }
    };
    return (
        <a href={to} onClick={follow} {...rest}>
            {children}
        </a>
    );
}
