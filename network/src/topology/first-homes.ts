import type { Topology } from './topology';

/**
 * The same community with fewer homes, as it would be if the others had not joined yet: for trying it on a small machine.
 *
 * @throws RangeError unless there are that many; Error where none of them would order transactions.
 */
export function withFirstHomes(topology: Topology, count: number): Topology {
    if (!Number.isInteger(count) || count < 1 || count > topology.homes.length) {
        throw new RangeError(`there are 1 to ${topology.homes.length} homes, not ${count}`);
    }
    const homes = topology.homes.slice(0, count);
    const organisations = topology.organisations.filter(({ kind, id }) => kind !== 'household' || homes.includes(id));
    if (!organisations.some(({ orderingSeat }) => orderingSeat !== undefined)) {
        throw new Error(`none of ${homes.join(', ')} has an ordering seat`);
    }
    const { storage, ...rest } = topology;
    return {
        ...rest,
        ...(storage !== undefined && homes.includes(storage.home) ? { storage } : {}),
        homes,
        // Seats are numbered without gaps.
        organisations: organisations.map((each) => ({
            ...each,
            ...(each.orderingSeat && {
                orderingSeat: { ...each.orderingSeat, consenterId: consenterId(organisations, each.orderingSeat) },
            }),
        })),
    };
}

function consenterId(organisations: Topology['organisations'], seat: { readonly consenterId: number }): number {
    return (
        1 +
        organisations.filter(({ orderingSeat }) => orderingSeat && orderingSeat.consenterId < seat.consenterId).length
    );
}
