import { homeAssistantOut, type HouseholdFigures } from '../../meters/mqtt/home-assistant-out';
import { brokerAt } from '../../meters/mqtt/broker';
import { calmNotes } from '../../meters/sink';
import { price } from '../../report/decimal';
import { moneyText } from '../../report/pages/words';
import type { AnswerTo } from '../../server/pages/answers';
import { EXIT } from '../failure';
import { withReader } from '../pages/page-commands';
import { untilTold } from '../until-told';
import { brokerFiles, type BrokerOptions } from './meter-listen';
import { say, type MeterOptions } from './shown';

export interface MeterPublishOptions extends MeterOptions, BrokerOptions {
    readonly mqtt: string;
    readonly discoveryPrefix: string;
}

/** Shows price now, next price and today's cost to Home Assistant until it is ended. */
export async function meterPublish(home: string, options: MeterPublishOptions): Promise<number> {
    const broker = brokerAt(options.mqtt, brokerFiles(options), process.env);
    const notes = calmNotes(say);
    const ending = untilTold();
    await withReader(home, options, async (reader) => {
        const { rules } = await reader.charter();
        const prefix = options.discoveryPrefix;
        const out = homeAssistantOut({ home, currency: rules.currency, broker, prefix, notes });
        const show = (): void => {
            reader.page('GET /now').then(
                ({ answer }) => {
                    out.publish(figuresOf(answer));
                },
                (error: unknown) => {
                    notes(`the figures cannot be read: ${error instanceof Error ? error.message : String(error)}`);
                },
            );
        };
        const ends = [reader.onChange(show), every(SHOWN_AGAIN_MS, show)];
        show();
        await ending;
        ends.forEach((end) => {
            end();
        });
        await out.stop();
    });
    return EXIT.done;
}

/** A slot also passes where no block comes. */
const SHOWN_AGAIN_MS = 60_000;

function every(ms: number, work: () => void): () => void {
    const timer = setInterval(work, ms);
    return () => {
        clearInterval(timer);
    };
}

/** What a kWh costs is the neighbours' price with its fees where there is one, else the supplier's. */
export function figuresOf({ price: current, next, today }: AnswerTo<'GET /now'>): HouseholdFigures {
    const allIn = (slot: NonNullable<typeof current> | undefined | null): string | null =>
        slot === undefined || slot === null ? null : price(slot.price === null ? slot.retail : slot.price + slot.fees);
    return {
        priceNow: allIn(current),
        priceNext: allIn(next[0]),
        costToday: today === null ? null : moneyText(today.paidNanos - today.earnedNanos),
    };
}
