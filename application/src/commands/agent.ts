import { organisation } from '@commonwatt/network/topology/topology';
import { replayFeed, type MeterFeed } from '../agent/meter-feed';
import { meterStoreFeed } from '../agent/meter-store-feed';
import { OrganisationAgent } from '../agent/organisation-agent';
import { openOwnMember, organisationsHere, type OwnMember } from '../agent/own-member';
import { reportAsJson, reportAsText } from '../agent/report';
import { InputError } from '../data/input-error';
import { contextOf, print, type CommonOptions, type Context } from './context';
import type { MeterDay } from '../data/meter-day';
import { meterStoreFile, openMeterStore } from '../meters/meter-store';
import { placeOf, type ForecastKind } from '../schedule/forecast/kinds';
import {
    chosenDay,
    expectedData,
    meterData,
    rememberDay,
    rememberedDay,
    type DayChoice,
    type DayOptions,
} from './day-choice';
import { EXIT, NotUp } from './failure';
import { aheadAsked } from './steps/day-steps';

export interface AgentOptions extends CommonOptions, DayOptions {
    /** Homes' own meter stores instead of data. */
    readonly meters?: boolean;
    /** Seconds between the rounds of a replay. */
    readonly pace?: number;
    /** Seconds that others are waited for. */
    readonly patience: number;
    readonly election: boolean;
    /** End once all is done for the day. */
    readonly exit?: boolean;
}

/** Runs the agents of organisations whose keys are here, each with its own peer, until it is told to end. */
export async function agent(ids: readonly string[], options: AgentOptions): Promise<number> {
    const context = contextOf(options);
    const choice = choiceOf(options, context);
    const { metered } = meterData(context.topology, choice);
    const expectedBy = expectations(context, choice);
    const members = membersAsked(context, ids);
    const feedOf = ({ organisation: { id } }: OwnMember): MeterFeed =>
        options.meters === true
            ? meterStoreFeed(id, openMeterStore(meterStoreFile(context.layout, id)), placeOf(context.topology))
            : replayFeed(id, metered, expectedBy);
    const ending = untilTold();
    const say = (line: string): void => {
        process.stderr.write(`${line}\n`);
    };
    const report = options.json === true ? reportAsJson(print) : reportAsText(say);
    const { pace, patience, election } = options;
    const agents = members.map((own) => {
        const isHome = own.organisation.kind === 'household';
        return new OrganisationAgent(
            own,
            {
                day: choice.day,
                feed: isHome ? feedOf(own) : undefined,
                forecast: choice.forecast,
                paceMs: pace === undefined ? undefined : pace * 1000,
                patienceMs: patience * 1000,
                elects: election,
                mode: aheadAsked(options),
                opened: () => {
                    rememberDay(context.layout, choice);
                },
            },
            report,
        );
    });
    try {
        await Promise.all(agents.map((each) => each.run(ending)));
        if (options.exit !== true) {
            await aborted(ending);
        }
    } finally {
        members.forEach((own) => {
            own.close();
        });
    }
    return EXIT.done;
}

/** What homes expect of the day by a forecast; worked out once for all that go by the same. */
function expectations({ topology }: Context, choice: DayChoice): (forecast: ForecastKind) => Promise<MeterDay> {
    const known = new Map<ForecastKind, Promise<MeterDay>>();
    return (forecast) => {
        const found = known.get(forecast) ?? expectedData(topology, { ...choice, forecast }).then(({ day }) => day);
        known.set(forecast, found);
        return found;
    };
}

/** Without a day that is asked for the one that is under way here. */
function choiceOf(options: AgentOptions, { layout }: Context): DayChoice {
    const saysNothing = options.day === undefined && options.data === undefined;
    return (saysNothing ? rememberedDay(layout) : undefined) ?? chosenDay(options);
}

function membersAsked({ topology, layout }: Context, ids: readonly string[]): OwnMember[] {
    const here = organisationsHere(topology, layout);
    if (here.length === 0) {
        throw new NotUp(`there are no keys of any organisation in ${layout.home}; \`commonwatt up\` makes a network`);
    }
    const asked = ids.length === 0 ? here : ids.map((id) => organisation(topology, id));
    const stranger = asked.find((each) => !here.includes(each));
    if (stranger !== undefined) {
        const known = here.map(({ id }) => id).join(', ');
        throw new InputError(
            { file: 'agent' },
            `the keys of ${stranger.id} are not in ${layout.home}; there are those of ${known}`,
        );
    }
    return asked.map((each) => openOwnMember(topology, layout, each));
}

/** Ctrl-C, or what a service manager sends. A second Ctrl-C ends the process at once. */
function untilTold(): AbortSignal {
    const controller = new AbortController();
    const end = (): void => {
        controller.abort();
    };
    process.once('SIGINT', end);
    process.once('SIGTERM', end);
    return controller.signal;
}

function aborted(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
        if (signal.aborted) {
            resolve();
        }
        signal.addEventListener('abort', () => {
            resolve();
        });
    });
}
