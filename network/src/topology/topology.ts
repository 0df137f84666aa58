/**
 * Who takes part in a community's network, and where each part listens. Plain JSON data: read from `community.yaml` or built
 * in code (`smallCommunity`), written to `var/topology.json` for the nodes, and the same object everywhere.
 */
export interface Topology {
    readonly community: Community;
    readonly channel: string;
    /** The grid operator first, then the homes in the order of the file. */
    readonly organisations: readonly Organisation[];
    /** Ids of the homes in the order of the file: H1, H2, … */
    readonly homes: readonly string[];
    readonly chaincodes: readonly ChaincodeService[];
    /** Where the community has a storage system. */
    readonly storage?: Storage;
    /** Where the community may agree on schedules a day ahead. */
    readonly dayAhead?: DayAhead;
    readonly batch: BatchLimits;
    /** As the network was made, where members have joined or left since. */
    readonly foundedAs?: Omit<Topology, 'foundedAs'>;
    /** Remembered, because a ledger belongs to the kind of peer that wrote it. */
    readonly network: NetworkKind;
}

/** What the nodes are. */
export interface NetworkKind {
    /**
     * `embedded`: our peers, in one process. `native`: Fabric's `peer`, one process for each organisation. `docker`: the same in
     * containers.
     */
    readonly kind: 'embedded' | 'native' | 'docker';
    /**
     * `own`: our ordering service with all seats in one process. `comet`: each seat in a process of its own, with CometBFT beside it.
     * `raft`: Fabric's `orderer`, one for each ordering seat; not on embedded networks.
     */
    readonly ordering: 'own' | 'comet' | 'raft';
    /** Organisations of a native or docker network whose peers are ours all the same: with some of them, a mixed channel. */
    readonly embedded: readonly string[];
    /** Peers and orderers let in nobody without a TLS certificate of a member, as Fabric's setting of that name. */
    readonly clientAuthRequired?: true;
    /**
     * Organisations with embedded peers that run chaincode services of their own all the same: one that has transactions attested must.
     * Fabric's peers, and containers, always have.
     */
    readonly ownChaincode?: readonly string[];
}

export interface Community {
    readonly name: string;
    /** DNS domain under which the organisations' names stand; nothing is looked up. */
    readonly domain: string;
    /** Corners of the limited area in order, without repeating the first. */
    readonly area: readonly Point[];
    readonly feeder: string;
    /** At least one connection of the community to the public grid. */
    readonly gridConnections: readonly GridConnection[];
    readonly market: MarketTerms;
}

export interface Point {
    readonly latitude: number;
    readonly longitude: number;
}

export interface GridConnection {
    readonly id: string;
    readonly point: Point;
    readonly limitW: number;
}

/** What the demonstration's tariffs and rules are established with. Prices in whole micros of the currency per kWh. */
export interface MarketTerms {
    readonly currency: string;
    /** Fixed offset of the local day from UTC. */
    readonly utcOffsetMinutes: number;
    readonly retailMicrosPerKwh: number;
    readonly feedInMicrosPerKwh: number;
    readonly gridFeeMicrosPerKwh: number;
    readonly communityFeeMicrosPerKwh: number;
    readonly floorMicrosPerKwh: number;
    readonly capMicrosPerKwh: number;
    /** The auction's k as a fraction in [0, 1]. */
    readonly k: { readonly numerator: number; readonly denominator: number };
    /** How much the agents' bills cover: each day, where nothing is said. */
    readonly billEvery?: 'day' | 'month';
    readonly zoneFees?: readonly ZoneFee[];
    /** Value added tax by seller, in parts per million; none where it is not stated. */
    readonly vatPpm?: VatRates | undefined;
    readonly fixedCharges?: readonly FixedCharge[] | undefined;
    /** What the wires are expected to lose; where this is missing nothing is compared with the feeder's meter. */
    readonly losses?: LossFigures | undefined;
    /** Members' money; where this is missing nobody's trading has to be covered. */
    readonly accounts?: AccountTerms;
}

/** What is added to the grid fee of energy from a zone of the grid, or from the `pool` that a round is, to another zone. */
export interface ZoneFee {
    readonly from: string;
    readonly to: string;
    readonly differenceMicrosPerKwh: number;
}

/** In each slot. Parts per million are of the energy that passes the feeder's meter. */
export interface LossFigures {
    readonly constantWh: number;
    readonly lossPpm: number;
    readonly tolerancePpm: number;
    readonly payer: 'grid' | 'community' | 'members';
}

/** In hundredths of the currency. */
export interface AccountTerms {
    /** Of the worst that a day's energy can cost. */
    readonly coverPercent: number;
    readonly limitCents: number;
    /** What each home of the demonstration pays in when it is admitted. */
    readonly openingDepositCents: number;
    /** So many days after a bill was due what is reserved for it may be collected; never where nothing is said. */
    readonly collectAfterDays?: number;
}

export interface VatRates {
    readonly supplier: number;
    readonly grid: number;
    readonly community: number;
    /** Of what is bought from neighbours. */
    readonly pool: number;
}

/** What bills charge besides energy, pro rata by day. */
export interface FixedCharge {
    readonly id: string;
    readonly payee: 'supplier' | 'grid' | 'community';
    readonly every: 'month' | 'year';
    readonly perMeter: boolean;
    /** In whole micros of the currency. */
    readonly micros: number;
}

/** A storage system of the community: what it can do, and on which terms contracts with it are made. */
export interface Storage {
    /** Id of the home at whose connection it stands and whose organisation runs it. */
    readonly home: string;
    readonly capacityWh: number;
    readonly chargeW: number;
    readonly dischargeW: number;
    /** What remains when energy is taken in, and when it is given out, in parts per million. */
    readonly chargePpm: number;
    readonly dischargePpm: number;
    /** How it is made sure that what is sold lies in it. */
    readonly credibility: 'request-response' | 'broadcast';
    /** What sellers leave to the community. */
    readonly feeMicrosPerKwh: number;
}

/** How a schedule is found the day before, and what deviating from it costs. Penalties: by how many nanos/kWh a Wh that is lacking moves a price. */
export interface DayAhead {
    readonly mode: 'schedule' | 'certificate';
    readonly iterations: number;
    readonly tolerance: { readonly sumWh: number; readonly nanosPerKwh: number };
    readonly penalty: {
        readonly initial: number;
        readonly least: number;
        readonly most: number;
        readonly adaptiveUntil: number;
    };
    /** α in thousandths: 1000 is none. */
    readonly overRelaxation: number;
    /** As how many agents the network counts in what each takes of an imbalance. */
    readonly networkWeight: 'one' | 'households';
    /** So long a silent agent is waited for in an iteration, and so long a run may take. */
    readonly iterationSeconds: number;
    readonly runSeconds: number;
    /** So many slots before its day a run has to be over, where days are not replayed. */
    readonly deadlineSlots: number;
    /** Of the community's connection to the public grid. */
    readonly importLimitW: number;
    readonly exportLimitW: number;
    readonly shortMicrosPerKwh: number;
    readonly longMicrosPerKwh: number;
    readonly feeder?: RadialFeeder | undefined;
}

/** The community's network behind its transformer, without loops. */
export interface RadialFeeder {
    readonly rootVolt: number;
    readonly leastVolt: number;
    readonly mostVolt: number;
    readonly transformerW: number;
    /** Each from `root` or from a bus that stands before it. */
    readonly lines: readonly {
        readonly bus: string;
        readonly from: string;
        readonly resistanceMilliohm: number;
        readonly reactanceMilliohm: number;
        readonly limitW: number;
    }[];
    /** Bus by home; a home that is missing stands at the root. */
    readonly homes: Readonly<Record<string, string>>;
}

export type OrganisationKind = 'household' | 'operator';

export interface Organisation {
    readonly id: string;
    readonly mspId: string;
    readonly domain: string;
    readonly kind: OrganisationKind;
    /** Roles that governance assigns to this MSP: 'dso', 'operator', 'supplier', 'bank', 'household', 'ess'. */
    readonly roles: readonly string[];
    readonly peer: Endpoint;
    readonly orderingSeat?: OrderingSeat;
    /** Set for households only. */
    readonly home?: Home;
}

export interface Endpoint {
    readonly host: string;
    readonly port: number;
}

export interface OrderingSeat extends Endpoint {
    /** Fabric's consenter id, from 1. */
    readonly consenterId: number;
    /** Voting power; a block is valid with signatures of more than two thirds of the sum. */
    readonly weight: number;
}

export interface Home {
    readonly connection: {
        readonly id: string;
        readonly point: Point;
        readonly importLimitW: number;
        readonly exportLimitW: number;
    };
    readonly meters: {
        /** Number of the meter at the connection. */
        readonly connection: string;
        /** Number of the virtual generation meter: every prosumer has one. */
        readonly generation?: string;
    };
    readonly consumes: boolean;
    /** Has panels. */
    readonly generates: boolean;
    /** Feeds in at its connection: so it needs a virtual generation meter, also where it consumes nothing. */
    readonly prosumer: boolean;
    /** Generation devices, common property of the community. */
    readonly generators: readonly Generator[];
    /** Used where a day is agreed on ahead, idle in rounds. */
    readonly batteries: readonly Battery[];
    /** What else a schedule may move; in rounds nobody steers it. */
    readonly movable?: MovableDevices;
    readonly preferences: Preferences;
    /** Of the grid, for fees between zones. */
    readonly zone?: string;
}

export interface Generator {
    readonly id: string;
    readonly kind: 'pv' | 'chp';
    readonly peakW: number;
}

export interface Battery {
    readonly id: string;
    readonly capacityWh: number;
    readonly chargeW: number;
    readonly dischargeW: number;
    /** What remains when energy is taken in, and when it is given out, in parts per million; all of it where nothing is said. */
    readonly chargePpm?: number;
    readonly dischargePpm?: number;
}

/** Devices that leave their home a choice of when, or whether, they run. Quarters are quarter hours of the local day, 0 to 96. */
export interface MovableDevices {
    readonly vehicles: readonly Vehicle[];
    readonly appliances: readonly Appliance[];
    readonly elasticLoads: readonly ElasticLoad[];
    readonly fuelGenerators: readonly FuelGenerator[];
}

/** A car at its plug from one quarter to another: only the sum of what it takes counts. */
export interface Vehicle {
    readonly id: string;
    /** At the meter, losses of the charger included. */
    readonly energyWh: number;
    readonly powerW: number;
    readonly from: number;
    readonly to: number;
}

/** Runs once a day with a fixed course, and may begin in any quarter from `earliest` to `latest`. */
export interface Appliance {
    readonly id: string;
    /** By quarter hour from its start. */
    readonly profileWh: readonly number[];
    readonly earliest: number;
    readonly latest: number;
}

/** Takes `wantedW` where energy costs nothing, and less on a straight line down to nothing at a price. */
export interface ElasticLoad {
    readonly id: string;
    readonly wantedW: number;
    readonly noneAtMicrosPerKwh: number;
    readonly from: number;
    readonly to: number;
}

/** Runs on fuel (one of the home's generators, of kind `chp`): what the first Wh of a slot costs, and the last one at full power. */
export interface FuelGenerator {
    readonly id: string;
    readonly powerW: number;
    readonly firstMicrosPerKwh: number;
    readonly lastMicrosPerKwh: number;
}

/** The limits a home states for its agent, at the price of the round, in whole micros per kWh. */
export interface Preferences {
    readonly buyLimitMicrosPerKwh: number;
    readonly sellLimitMicrosPerKwh: number;
}

export interface ChaincodeService {
    /** Name on the channel. */
    readonly name: string;
    readonly version: string;
    /** Absolute path of the channel policy that endorses it. */
    readonly policyReference: string;
    /** Folder of the code, relative to the repository; built scripts lie in its `dist`. */
    readonly directory: string;
    /** Node script in that folder and its arguments. */
    readonly start: readonly string[];
    readonly service: Endpoint;
}

export interface BatchLimits {
    readonly timeoutMs: number;
    readonly maxMessageCount: number;
    readonly absoluteMaxBytes: number;
    readonly preferredMaxBytes: number;
}

/** @throws Error naming what was asked for and what there is. */
export function organisation(topology: Topology, idOrMspId: string): Organisation {
    const found = topology.organisations.find(({ id, mspId }) => id === idOrMspId || mspId === idOrMspId);
    if (found === undefined) {
        throw new Error(
            `no organisation ${idOrMspId}; there are ${topology.organisations.map(({ id }) => id).join(', ')}`,
        );
    }
    return found;
}

export function households(topology: Topology): readonly Organisation[] {
    return topology.organisations.filter(({ kind }) => kind === 'household');
}

export function gridOperator(topology: Topology): Organisation {
    const operator = topology.organisations.find(({ kind }) => kind === 'operator');
    if (operator === undefined) {
        throw new Error('the community has no grid operator');
    }
    return operator;
}

/** Organisations with a seat in the ordering service, by consenter id. */
export function seats(topology: Topology): readonly (Organisation & { readonly orderingSeat: OrderingSeat })[] {
    return topology.organisations
        .filter((each): each is Organisation & { orderingSeat: OrderingSeat } => each.orderingSeat !== undefined)
        .toSorted((one, other) => one.orderingSeat.consenterId - other.orderingSeat.consenterId);
}
