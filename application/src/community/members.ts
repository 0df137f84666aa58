import type { ConnectionProfile as MemberProfile } from '@commonwatt/network/topology/connection-profile';
import { connectionProfile } from '@commonwatt/network/topology/connection-profile';
import type { Layout } from '@commonwatt/network/topology/layout';
import { gridOperator, households, type Organisation, type Topology } from '@commonwatt/network/topology/topology';
import { Horizon } from '../gateway/horizon';
import { MemberGateway, PATIENCE } from '../gateway/member-gateway';
import type { Outbox } from '../gateway/outbox';
import { TransactionLog } from '../gateway/transaction-log';
import { MeterKey, OwnerKeys } from '../household/keys';
import { TypedCalls } from '../market/typed-calls';

/** One organisation's agent: its connection to its own peer, and its keys. */
export interface MemberAccess {
    readonly organisation: Organisation;
    readonly calls: TypedCalls;
    readonly keys: OwnerKeys;
    /** Of households. */
    readonly meter: MeterKey | undefined;
}

/**
 * The agents of a community's members, connected when they are first needed. A demonstration runs all of them in one
 * process; a household of a real community has the files of one, and gets no further than to its own.
 */
export class CommunityMembers {
    readonly log = new TransactionLog();
    readonly #known = new Map<string, MemberAccess>();

    constructor(
        readonly topology: Topology,
        readonly layout: Layout,
        /** Of members of the same channel who acted in this process before, where there were: what they did is seen, too. */
        readonly horizon: Horizon = new Horizon(),
        /** Where what is sent is kept until it is known what became of it. */
        private readonly outbox?: Outbox,
    ) {}

    get operator(): MemberAccess {
        return this.member(gridOperator(this.topology).id);
    }

    get households(): MemberAccess[] {
        return households(this.topology).map(({ id }) => this.member(id));
    }

    /** @throws Error naming what there is, where nobody has this id. */
    member(id: string): MemberAccess {
        const known = this.#known.get(id);
        if (known !== undefined) {
            return known;
        }
        const member = this.#connect(id);
        this.#known.set(id, member);
        return member;
    }

    /**
     * Waits until what was committed from here is at the peers of all members of the channel, so that whoever acts next, in whatever process, sees
     * it. Returns at once where nothing was committed.
     *
     * @returns whose peers do not have it, and why, in words.
     */
    async shared(): Promise<string[]> {
        const [first] = this.#known.values();
        const all = this.topology.organisations.map(({ mspId }) => mspId);
        return first === undefined ? [] : this.horizon.shared(all, (mspId) => first.calls.gateway.height(mspId));
    }

    close(): void {
        this.#known.forEach(({ calls }) => {
            calls.gateway.close();
        });
        this.#known.clear();
    }

    #connect(id: string): MemberAccess {
        const organisation = this.topology.organisations.find((each) => each.id === id);
        if (organisation === undefined) {
            const there = this.topology.organisations.map((each) => each.id).join(', ');
            throw new Error(`nobody in the community is called ${id}; there are ${there}`);
        }
        const profile: MemberProfile = connectionProfile(this.topology, this.layout, id);
        return {
            organisation,
            calls: new TypedCalls(new MemberGateway(profile, this.log, PATIENCE, this.horizon, this.outbox)),
            keys: new OwnerKeys(profile),
            meter: organisation.kind === 'household' ? new MeterKey(profile.meterKeyPath) : undefined,
        };
    }
}
