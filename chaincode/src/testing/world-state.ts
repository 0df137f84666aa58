import { placeOf, type ReadWriteSet, splitPlace } from './memory-stub';
import { isSatisfied } from './signature-policy';

interface Cell {
    readonly value: Uint8Array;
    /** Grows with every change of value or policy, as Fabric's versions do. */
    readonly version: number;
    readonly policy?: Uint8Array | undefined;
}

export type Code = 'VALID' | 'MVCC_READ_CONFLICT' | 'PHANTOM_READ_CONFLICT' | 'ENDORSEMENT_POLICY_FAILURE';

/** Who must endorse a write to keys that have no policy of their own. */
export type ChaincodePolicy = (chaincode: string, endorsers: readonly string[]) => boolean;

/** Committed state of a channel and of all its implicit collections, with a peer's validation at commit. */
export class WorldState {
    readonly #cells = new Map<string, Cell>();
    #height = 0;

    /** What a peer has after it was ended and started again: the same state, from bytes of its own. */
    restarted(): WorldState {
        const again = new WorldState();
        for (const [place, { value, version, policy }] of this.#cells) {
            again.#cells.set(place, { value: value.slice(), version, policy: policy?.slice() });
        }
        again.#height = this.#height;
        return again;
    }

    valueOf(place: string): Uint8Array | undefined {
        return this.#cells.get(place)?.value;
    }

    versionOf(place: string): number | undefined {
        return this.#cells.get(place)?.version;
    }

    policyOf(place: string): Uint8Array | undefined {
        return this.#cells.get(place)?.policy;
    }

    range(space: string, prefix: string): { key: string; value: Uint8Array; version: number }[] {
        const start = placeOf(space, prefix);
        return [...this.#cells]
            .filter(([place]) => place.startsWith(start))
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([place, { value, version }]) => ({ key: splitPlace(place).key, value, version }));
    }

    /** Validate as a peer does and apply what is valid. */
    commit(set: ReadWriteSet, endorsers: readonly string[], chaincodePolicy: ChaincodePolicy): Code {
        const code = this.#validate(set, endorsers, chaincodePolicy);
        if (code === 'VALID') {
            this.#apply(set);
        }
        return code;
    }

    #validate(set: ReadWriteSet, endorsers: readonly string[], chaincodePolicy: ChaincodePolicy): Code {
        if (!this.#isEndorsed(set, endorsers, chaincodePolicy)) {
            return 'ENDORSEMENT_POLICY_FAILURE';
        }
        if ([...set.reads].some(([place, version]) => this.versionOf(place) !== version)) {
            return 'MVCC_READ_CONFLICT';
        }
        const isPhantom = set.ranges.some(({ space, prefix, found }) => {
            const now = this.range(space, prefix).map(({ key, version }) => [key, version]);
            return JSON.stringify(now) !== JSON.stringify(found);
        });
        return isPhantom ? 'PHANTOM_READ_CONFLICT' : 'VALID';
    }

    #isEndorsed(set: ReadWriteSet, endorsers: readonly string[], chaincodePolicy: ChaincodePolicy): boolean {
        const collections = [...set.privateWrites.keys()].map((place) => splitPlace(place).space);
        const owners = collections.map((space) =>
            space.slice(space.indexOf('/_implicit_org_') + '/_implicit_org_'.length),
        );
        const written = [...new Set([...set.writes.keys(), ...set.policies.keys()])];
        const keysAreEndorsed = written.every((place) => {
            const policy = this.policyOf(place);
            const { space } = splitPlace(place);
            return policy === undefined ? chaincodePolicy(space, endorsers) : isSatisfied(policy, endorsers);
        });
        return keysAreEndorsed && owners.every((mspId) => endorsers.includes(mspId));
    }

    #apply({ writes, policies, privateWrites }: ReadWriteSet): void {
        this.#height += 1;
        for (const [place, value] of [...writes, ...privateWrites]) {
            if (value.length === 0) {
                this.#cells.delete(place);
                continue;
            }
            this.#cells.set(place, { value, version: this.#height, policy: this.policyOf(place) });
        }
        for (const [place, policy] of policies) {
            const cell = this.#cells.get(place);
            if (cell === undefined) {
                throw new Error(`a policy for a key that does not exist: ${place}`);
            }
            // A peer halts for good at a policy that is not well-formed; so does this.
            isSatisfied(policy, []);
            this.#cells.set(place, { ...cell, version: this.#height, policy });
        }
    }
}
