import { readFileSync } from 'node:fs';
import { LineCounter, isNode, parseDocument, type Document } from 'yaml';
import { assemble, type CommunityDescription, type HomeDescription } from '../assemble';
import type { AccountTerms, DayAhead, LossFigures, MarketTerms, Storage, Topology, ZoneFee } from '../topology';
import { batteriesOf, deviceIds, deviceProblems, movableDevices } from './devices';
import { communityFile, type CommunityFile } from './schema';

/** Everything that is wrong with a community file, one `file:line: path: what` per line of the message. */
export class CommunityFileError extends Error {
    override readonly name = 'CommunityFileError';

    constructor(readonly problems: readonly string[]) {
        super(problems.join('\n'));
    }
}

interface Problem {
    readonly path: readonly PropertyKey[];
    readonly message: string;
}

/** Fewer could not lose one without stopping; more are not elected. */
const MAX_SEATS = 7;
const MAX_HOMES = 50;

/**
 * Reads `organizations/community.yaml`.
 *
 * @throws CommunityFileError naming file, line and the path of each value that is wrong.
 */
export function readCommunity(file: string): Topology {
    return parseCommunity(readFileSync(file, 'utf8'), file);
}

/** @param file is named in errors. */
export function parseCommunity(text: string, file: string): Topology {
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines });
    if (document.errors.length > 0) {
        throw new CommunityFileError(
            document.errors.map(({ message, pos }) => `${file}:${lines.linePos(pos[0]).line}: ${firstLine(message)}`),
        );
    }
    const fail = (problems: readonly Problem[]): never => {
        throw new CommunityFileError(
            problems.map(({ path, message }) => {
                const { line } = lines.linePos(offsetOf(document, path));
                return `${file}:${line}: ${path.length === 0 ? '' : `${path.map(String).join('.')}: `}${message}`;
            }),
        );
    };
    const parsed = communityFile.safeParse(document.toJS());
    if (!parsed.success) {
        return fail(parsed.error.issues);
    }
    const problems = contradictions(parsed.data);
    return problems.length > 0 ? fail(problems) : assemble(describe(parsed.data));
}

/** Where a value starts; where it is missing, where the nearest value around it starts. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
    for (let length = path.length; length > 0; length -= 1) {
        const node = document.getIn(path.slice(0, length), true);
        if (isNode(node) && node.range) {
            return node.range[0];
        }
    }
    return 0;
}

function firstLine(text: string): string {
    return text.split('\n', 1)[0] ?? text;
}

/** What no single value shows: references, repetition, and limits of the whole. */
function contradictions(file: CommunityFile): Problem[] {
    const ids = Object.keys(file.homes);
    const seats = Object.keys(file.network.orderingSeats);
    const { floorPerKwh, capPerKwh } = file.market;
    return [
        ...(ids.length < 1 || ids.length > MAX_HOMES
            ? [{ path: ['homes'], message: `1 to ${MAX_HOMES} homes, there are ${ids.length}` }]
            : []),
        ...(seats.length < 1 || seats.length > MAX_SEATS
            ? [{ path: ['network', 'orderingSeats'], message: `1 to ${MAX_SEATS} seats, there are ${seats.length}` }]
            : []),
        ...seats
            .filter((seat) => !ids.includes(seat) && seat !== file.operator.id)
            .map((seat) => ({ path: ['network', 'orderingSeats', seat], message: 'no such organisation' })),
        ...repeated([file.operator.id, ...ids].map((id) => [id.toLowerCase(), ['homes', id]])),
        ...repeated(ids.flatMap((id) => identifiers(file, id))),
        ...(floorPerKwh > capPerKwh ? [{ path: ['market', 'floorPerKwh'], message: 'is above the cap' }] : []),
        ...ids.flatMap((id) => limitsOutside(file, id)),
        ...Object.entries(file.homes).flatMap(([id, home]) =>
            deviceProblems(home).map(({ path, message }) => ({ path: ['homes', id, ...path], message })),
        ),
        ...unknownZones(file),
        ...(file.storage === undefined || ids.includes(file.storage.home)
            ? []
            : [{ path: ['storage', 'home'], message: 'no such home' }]),
        ...feederProblems(file),
    ];
}

/** A feeder's homes and buses have to be there, and each line's beginning before it. */
function feederProblems({ dayAhead, homes }: CommunityFile): Problem[] {
    const feeder = dayAhead?.feeder;
    if (feeder === undefined) {
        return [];
    }
    const at = (...path: PropertyKey[]): PropertyKey[] => ['dayAhead', 'feeder', ...path];
    const known = new Set(['root']);
    const lines = feeder.lines.flatMap(({ bus, from }, index) => {
        const isFed = known.has(bus);
        const isConnected = known.has(from);
        known.add(bus);
        return [
            ...(isFed ? [{ path: at('lines', index), message: `${bus} is fed twice` }] : []),
            ...(isConnected ? [] : [{ path: at('lines', index), message: `no line before it feeds ${from}` }]),
        ];
    });
    const standing = Object.entries(feeder.homes).flatMap(([home, bus]) => [
        ...(home in homes ? [] : [{ path: at('homes', home), message: 'no such home' }]),
        ...(known.has(bus) ? [] : [{ path: at('homes', home), message: `no line feeds ${bus}` }]),
    ]);
    return [...lines, ...standing];
}

/** Connection points, meters and devices of a home, each with where it stands. */
function identifiers(file: CommunityFile, id: string): [string, string[]][] {
    const home = file.homes[id];
    return home === undefined
        ? []
        : [
              [`connection ${home.connection.id}`, ['homes', id, 'connection', 'id']],
              ...Object.entries(home.meters).map(([kind, number]): [string, string[]] => [
                  `meter ${number}`,
                  ['homes', id, 'meters', kind],
              ]),
              ...deviceIds(home).map((device): [string, string[]] => [`device ${device}`, ['homes', id]]),
          ];
}

function repeated(named: readonly [string, string[]][]): Problem[] {
    const seen = new Set<string>();
    return named.flatMap(([value, path]) => {
        const again = seen.has(value);
        seen.add(value);
        return again ? [{ path, message: `${value} is there already` }] : [];
    });
}

/** A fee for a zone that no home is in is a misspelling, and would be charged to nobody. */
function unknownZones({ homes, market: { zoneFees = [] } }: CommunityFile): Problem[] {
    const known = ['pool', ...Object.values(homes).flatMap(({ zone }) => zone ?? [])];
    return zoneFees.flatMap((fee, i) =>
        (['from', 'to'] as const)
            .filter((end) => !known.includes(fee[end]))
            .map((end) => ({ path: ['market', 'zoneFees', i, end], message: `no home is in zone ${fee[end]}` })),
    );
}

function limitsOutside(file: CommunityFile, id: string): Problem[] {
    const { floorPerKwh, capPerKwh } = file.market;
    return Object.entries(file.homes[id]?.preferences ?? {})
        .filter(([, limit]) => limit < floorPerKwh || limit > capPerKwh)
        .map(([name]) => ({ path: ['homes', id, 'preferences', name], message: 'is outside floor and cap' }));
}

function describe({
    community,
    market,
    accounts,
    network,
    operator,
    homes,
    storage,
    dayAhead,
}: CommunityFile): CommunityDescription {
    const { channel, ...rest } = community;
    return {
        community: { ...rest, market: marketTerms(market, accounts) },
        channel,
        portBase: network.firstPort,
        operator,
        homes: Object.entries(homes).map(([id, home]) => describeHome(id, home)),
        seats: Object.entries(network.orderingSeats).map(([organisation, weight]) => ({ organisation, weight })),
        batch: network.batch,
        storage: storage === undefined ? undefined : describeStorage(storage),
        dayAhead: dayAhead === undefined ? undefined : describeDayAhead(dayAhead),
    };
}

function describeDayAhead(dayAhead: NonNullable<CommunityFile['dayAhead']>): DayAhead {
    const { tolerance, shortPricePerKwh, longPricePerKwh, ...same } = dayAhead;
    return {
        ...same,
        tolerance: { sumWh: tolerance.sumWh, nanosPerKwh: tolerance.pricePerKwh },
        shortMicrosPerKwh: shortPricePerKwh,
        longMicrosPerKwh: longPricePerKwh,
    };
}

function describeStorage(storage: NonNullable<CommunityFile['storage']>): Storage {
    const { chargeEfficiency, dischargeEfficiency, feePerKwh, ...same } = storage;
    return {
        ...same,
        chargePpm: chargeEfficiency,
        dischargePpm: dischargeEfficiency,
        feeMicrosPerKwh: feePerKwh,
    };
}

function marketTerms(market: CommunityFile['market'], accounts: CommunityFile['accounts']): MarketTerms {
    return {
        currency: market.currency,
        utcOffsetMinutes: market.utcOffset,
        retailMicrosPerKwh: market.retailPerKwh,
        feedInMicrosPerKwh: market.feedInPerKwh,
        gridFeeMicrosPerKwh: market.gridFeePerKwh,
        communityFeeMicrosPerKwh: market.communityFeePerKwh,
        floorMicrosPerKwh: market.floorPerKwh,
        capMicrosPerKwh: market.capPerKwh,
        k: market.k,
        ...(accounts === undefined ? {} : { accounts: accountTerms(accounts) }),
        ...(market.billEvery === undefined ? {} : { billEvery: market.billEvery }),
        ...(market.zoneFees === undefined ? {} : { zoneFees: market.zoneFees.map(zoneFee) }),
        ...(market.losses === undefined ? {} : { losses: lossFigures(market.losses) }),
        vatPpm: market.vatPercent,
        fixedCharges: market.fixedCharges?.map(({ amount, ...charge }) => ({ ...charge, micros: amount })),
    };
}

const zoneFee = ({
    from,
    to,
    differencePerKwh,
}: NonNullable<CommunityFile['market']['zoneFees']>[number]): ZoneFee => ({
    from,
    to,
    differenceMicrosPerKwh: differencePerKwh,
});

function lossFigures(losses: NonNullable<CommunityFile['market']['losses']>): LossFigures {
    const { constantWh, lossPercent, tolerancePercent, payer } = losses;
    return { constantWh, lossPpm: lossPercent, tolerancePpm: tolerancePercent, payer };
}

function accountTerms(accounts: NonNullable<CommunityFile['accounts']>): AccountTerms {
    const { coverPercent, limit, openingDeposit, collectAfterDays } = accounts;
    const collecting = collectAfterDays === undefined ? {} : { collectAfterDays };
    return { coverPercent, limitCents: limit, openingDepositCents: openingDeposit, ...collecting };
}

/** A home of the file under its id. */
export function describeHome(id: string, home: CommunityFile['homes'][string]): HomeDescription {
    const { generation, connection } = home.meters;
    const generators = [
        ...(home.pv ?? []).map((each) => ({ ...each, kind: 'pv' as const })),
        ...(home.fuelGenerators ?? []).map((each) => ({ id: each.id, kind: 'chp' as const, peakW: each.powerW })),
    ];
    const movable = movableDevices(home);
    return {
        id,
        connection: home.connection,
        meters: { connection, ...(generation === undefined ? {} : { generation }) },
        consumes: home.load,
        generates: home.pv !== undefined && home.pv.length > 0,
        prosumer: generators.length > 0,
        generators,
        batteries: batteriesOf(home),
        ...(movable === undefined ? {} : { movable }),
        preferences: {
            buyLimitMicrosPerKwh: home.preferences.buyLimitPerKwh,
            sellLimitMicrosPerKwh: home.preferences.sellLimitPerKwh,
        },
        ...(home.zone === undefined ? {} : { zone: home.zone }),
    };
}
