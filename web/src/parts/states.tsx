import type { ComponentChildren, JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { ApiError } from '../api/client';
import type { Resource } from '../api/use-resource';
import { useWords } from '../app/context';

export function Loading(): JSX.Element {
    const { t } = useWords();
    return (
        <div class="loading" role="status">
            <span class="sr">{t('state.loading')}</span>
            <div class="bone" />
            <div class="bone" />
            <div class="bone short" />
        </div>
    );
}

/** Nothing is there yet, and that is no failure. */
export const Empty = ({ children }: { readonly children: ComponentChildren }): JSX.Element => (
    <p class="empty">{children}</p>
);

interface FailedProps {
    readonly error: unknown;
    readonly again: () => void;
}

export function Failed({ error, again }: FailedProps): JSX.Element {
    const { t } = useWords();
    return (
        <div class="failed" role="alert">
            <p>{failureText(error, t)}</p>
            <button type="button" onClick={again}>
                {t('state.again')}
            </button>
        </div>
    );
}

/** What went wrong, in words of the page; what the server says in its own stands behind. */
export function failureText(error: unknown, t: ReturnType<typeof useWords>['t']): string {
    if (!(error instanceof ApiError)) {
        return t('state.unreachable');
    }
    switch (error.status) {
        case 404:
            return t('state.notFound');
        case 429:
            return t('state.tooMany');
        default:
            return t('state.failed', { message: error.message });
    }
}

interface ShownProps<T> {
    readonly resource: Resource<T>;
    readonly children: (data: T) => ComponentChildren;
}

/** A page's content in each of its states. */
export function Shown<T>({ resource, children }: ShownProps<T>): JSX.Element {
    useEffect(() => {
        if (resource.state === 'ready') {
            performance.mark('shown'); // For whoever measures.
        }
    }, [resource.state]);
    switch (resource.state) {
        case 'loading':
            return <Loading />;
        case 'failed':
            return <Failed error={resource.error} again={resource.again} />;
        case 'ready':
            return <>{children(resource.data)}</>;
    }
}
