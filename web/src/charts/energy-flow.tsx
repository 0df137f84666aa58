import type { EnergyFlow } from '@commonwatt/application/server/schemas/now';
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { useWords } from '../app/context';
import type { Formats } from '../words/formats';
import type { Translate } from '../words/translate';
import { streamsOf, type Stream } from './streams';

const PLACES = {
    roof: { x: 160, y: 44 },
    neighbours: { x: 272, y: 150 },
    grid: { x: 160, y: 256 },
    battery: { x: 48, y: 150 },
} as const;
const SIDES = Object.keys(PLACES) as Stream['with'][];
const HOME = { x: 160, y: 150 };
const NAMES = {
    roof: 'now.roof',
    neighbours: 'now.neighbours',
    grid: 'now.grid',
    battery: 'now.battery',
} as const;

/** The home in the middle, and what it gives to and takes from whom: a picture, and the same in a sentence. */
export function EnergyFlowPicture({ flow }: { readonly flow: EnergyFlow }): JSX.Element {
    const { t, f } = useWords();
    const id = useId();
    const streams = streamsOf(flow);
    return (
        <svg class="flow" viewBox="0 0 320 300" role="img" aria-labelledby={`${id}-title ${id}-text`}>
            <title id={`${id}-title`}>{t('now.flow')}</title>
            <desc id={`${id}-text`}>{flowText(flow, t, f)}</desc>
            {SIDES.map((side) => (
                <line key={side} class="wire" {...between(side, true)} />
            ))}
            {streams.map((stream) => (
                <line
                    key={`${stream.with} ${String(stream.isInward)}`}
                    class={`stream ${stream.with}`}
                    stroke-width={widthOf(stream.wh)}
                    {...between(stream.with, stream.isInward)}
                />
            ))}
            <Node place={HOME} name={t('now.homeNode')} value={f.power(flow.homeWh)} kind="home" />
            {SIDES.map((side) => (
                <Node
                    key={side}
                    place={PLACES[side]}
                    name={t(NAMES[side])}
                    value={valueOf(side, streams, flow, f)}
                    kind={side}
                />
            ))}
        </svg>
    );
}

/** Lines run the way that the energy does, so that their dashes move with it. */
function between(side: Stream['with'], isInward: boolean): Readonly<Record<'x1' | 'y1' | 'x2' | 'y2', number>> {
    const [from, to] = isInward ? [PLACES[side], HOME] : [HOME, PLACES[side]];
    return { x1: from.x, y1: from.y, x2: to.x, y2: to.y };
}

/** From 3 to 11 units for up to 2.5 kWh in a quarter hour. */
const widthOf = (wh: bigint): number => 3 + Math.min(8, Math.sqrt(Number(wh)) / 6.25);

function valueOf(side: Stream['with'], streams: readonly Stream[], { battery }: EnergyFlow, f: Formats): string {
    if (side === 'battery' && battery === null) {
        return '–';
    }
    const stream = streams.find((each) => each.with === side);
    const power = f.power(stream?.wh ?? 0n);
    const level = side === 'battery' ? (battery?.levelPercent ?? null) : null;
    return level === null ? power : `${power} · ${f.percent(BigInt(level) * 10_000n)}`;
}

interface NodeProps {
    readonly place: { readonly x: number; readonly y: number };
    readonly name: string;
    readonly value: string;
    readonly kind: string;
}

const Node = ({ place: { x, y }, name, value, kind }: NodeProps): JSX.Element => (
    <g class={`node ${kind}`} aria-hidden="true">
        <rect x={x - 47} y={y - 27} width="94" height="54" rx="12" />
        <text x={x} y={y - 5}>
            {name}
        </text>
        <text class="value" x={x} y={y + 15}>
            {value}
        </text>
    </g>
);

/** The picture in sentences. */
export function flowText(flow: EnergyFlow, t: Translate, f: Formats): string {
    const parts = streamsOf(flow).map(({ with: side, wh, isInward }) =>
        t(SENTENCES[side][isInward ? 0 : 1], { energy: f.energy(wh) }),
    );
    return [t('now.homeUses', { energy: f.energy(flow.homeWh) }), ...parts].join(' ');
}

const SENTENCES = {
    roof: ['now.fromRoof', 'now.fromRoof'],
    battery: ['now.fromBattery', 'now.toBattery'],
    neighbours: ['now.fromNeighbours', 'now.toNeighbours'],
    grid: ['now.fromGrid', 'now.toGrid'],
} as const;
