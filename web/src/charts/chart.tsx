import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useWords } from '../app/context';
import { usePaint } from '../app/theme';
import type { Painted, Plot } from './plot';

interface ChartProps {
    readonly title: string;
    /** What the chart shows, in a sentence: read out in its place. */
    readonly summary: string;
    readonly plot: Plot;
    /** The same as a table, to be opened. */
    readonly table: ComponentChildren;
}

/** A chart with its key, what it says in words, and its figures as a table. */
export function Chart({ title, summary, plot, table }: ChartProps): JSX.Element {
    const { t } = useWords();
    return (
        <figure class="chart">
            <figcaption>{title}</figcaption>
            <Canvas plot={plot} label={`${title}. ${summary}`} />
            <ul class="key">
                {plot.series.map(({ label, tone, kind }) => (
                    <li key={label}>
                        <span class={`swatch ${kind} ${tone}`} aria-hidden="true" />
                        {label}
                    </li>
                ))}
            </ul>
            <details>
                <summary>{t('state.asTable')}</summary>
                {table}
            </details>
        </figure>
    );
}

function Canvas({ plot, label }: { readonly plot: Plot; readonly label: string }): JSX.Element {
    const place = useRef<HTMLDivElement>(null);
    const colours = usePaint();
    useEffect(() => {
        const element = place.current;
        if (element === null) {
            return undefined;
        }
        let painted: Painted | undefined;
        let isGone = false;
        const observer = new ResizeObserver(() => painted?.resize(element.clientWidth));
        // Where it cannot be loaded the table is still there.
        void import('./plot').then(({ paint }) => {
            if (!isGone) {
                painted = paint(element, plot);
                observer.observe(element);
            }
        }, ignored);
        return () => {
            isGone = true;
            observer.disconnect();
            painted?.destroy();
        };
    }, [plot, colours]);
    return <div ref={place} class="canvas" role="img" aria-label={label} />;
}

const ignored = (): void => undefined;
