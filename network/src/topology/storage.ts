import { organisation, type Storage, type Topology } from './topology';

/**
 * The same community with a storage system at one of its homes, whose organisation then has the role `ess`.
 *
 * @throws Error where there is no such home.
 */
export function withStorage(topology: Topology, storage: Storage): Topology {
    const { id } = organisation(topology, storage.home);
    return {
        ...topology,
        storage,
        organisations: topology.organisations.map((each) =>
            each.id === id ? { ...each, roles: [...each.roles, 'ess'] } : each,
        ),
    };
}
