import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useWords } from '../app/context';

let isFirst = true;

interface PageProps {
    readonly title: string;
    readonly children: ComponentChildren;
}

/** One page: its title in the window and as its heading, which has the focus after going there, so that it is read out. */
export function Page({ title, children }: PageProps): JSX.Element {
    const { t } = useWords();
    const heading = useRef<HTMLHeadingElement>(null);
    useEffect(() => {
        document.title = t('shell.windowTitle', { page: title });
    }, [title, t]);
    useEffect(() => {
        if (isFirst) {
            isFirst = false; // The browser has just read the whole page.
            return;
        }
        scrollTo(0, 0);
        heading.current?.focus({ preventScroll: true });
    }, []);
    return (
        <>
            <h1 ref={heading} tabIndex={-1}>
                {title}
            </h1>
            {children}
        </>
    );
}

interface CardProps {
    readonly title: string;
    readonly class?: string;
    readonly children: ComponentChildren;
}

export const Card = ({ title, children, ...rest }: CardProps): JSX.Element => (
    <section class={`card ${rest.class ?? ''}`} aria-label={title}>
        <h2>{title}</h2>
        {children}
    </section>
);

export interface Fact {
    readonly label: string;
    readonly value: ComponentChildren;
    readonly note?: ComponentChildren;
    readonly tone?: 'good' | 'bad' | undefined;
}

/** A few figures with what they are. */
export const Facts = ({ facts }: { readonly facts: readonly Fact[] }): JSX.Element => (
    <dl class="facts">
        {facts.map(({ label, value, note, tone }) => (
            <div key={label} class={tone ?? ''}>
                <dt>{label}</dt>
                <dd>
                    {value}
                    {note !== undefined && <small>{note}</small>}
                </dd>
            </div>
        ))}
    </dl>
);
