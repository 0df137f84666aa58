import type { AgentPreferences } from '../agent/preferences';
import { DEFAULTS } from '../agent/preferences';
import { agentStoreFile, openAgentStore, type AgentStore } from '../agent/store/agent-store';
import type { CommunityMembers } from '../community/members';
import { HouseholdLedger } from './household-ledger';

/** A household whose keys are on this machine: its records at its own peer, and what its agent keeps. */
export class Household {
    readonly ledger: HouseholdLedger;
    readonly #members: CommunityMembers;
    readonly #store: AgentStore;

    constructor(
        members: CommunityMembers,
        readonly id: string,
    ) {
        this.#members = members;
        this.ledger = new HouseholdLedger(members, id);
        this.#store = openAgentStore(agentStoreFile(members.layout, id));
    }

    get mspId(): string {
        return this.ledger.mspId;
    }

    get journal(): AgentStore['journal'] {
        return this.#store.journal;
    }

    get agentState(): ReturnType<AgentStore['state']['read']> {
        return this.#store.state.read();
    }

    /** Those of the community's file where the household has stated none. */
    get preferences(): AgentPreferences {
        const { home } = this.#members.member(this.id).organisation;
        const { buyLimitMicrosPerKwh = 0, sellLimitMicrosPerKwh = 0 } = home?.preferences ?? {};
        const stated = this.#store.preferences.read();
        return (
            stated ?? { buyUpTo: BigInt(buyLimitMicrosPerKwh), sellFrom: BigInt(sellLimitMicrosPerKwh), ...DEFAULTS }
        );
    }

    set preferences(preferences: AgentPreferences) {
        this.#store.preferences.write(preferences);
    }

    close(): void {
        this.ledger.close();
        this.#store.close();
    }
}
