import type { Layout } from '../layout';
import { fabricPeers } from '../network-kind';
import { accepts } from '../processes/ports';
import type { ProcessPlan } from '../processes/supervisor';
import { seats, type Topology } from '../topology';
import { findFabric, withoutFabricSettings, type FabricBinaries } from './binaries';
import { builderConfiguration } from './builder-config';
import { ordererNode, peerNode, writeCoreYaml, writeOrdererYaml } from './node-files';
import { hostPort, ordererPorts, peerPorts } from './ports';

/** Without colours: logs are files here. */
const LOG_FORMAT = '%{time:2006-01-02T15:04:05.000Z07:00} %{level:.4s} [%{module}] %{message}';

/**
 * One process for each of Fabric's own nodes; writes their configuration.
 *
 * @throws Error when Fabric's programs are not there, or too old.
 */
export function nativePlans(topology: Topology, layout: Layout): readonly ProcessPlan[] {
    const fabric = findFabric(process.env, { orderer: topology.network.ordering === 'raft' });
    return [...peerPlans(topology, layout, fabric), ...ordererPlans(topology, layout, fabric)];
}

/** What Fabric's nodes of a network serve, by process. */
export function nativeEndpoints(topology: Topology): readonly (readonly [string, readonly string[]])[] {
    const peers = fabricPeers(topology).map((each) => {
        const { operations } = peerPorts(each);
        return [peerNode(each), [each.peer, operations].map(hostPort)] as const;
    });
    const orderers = raftSeats(topology).map((each) => {
        const { admin, operations } = ordererPorts(each.orderingSeat);
        return [ordererNode(each), [each.orderingSeat, admin, operations].map(hostPort)] as const;
    });
    return [...orderers, ...peers];
}

/** Organisations that run Fabric's `orderer`. */
export function raftSeats(topology: Topology): ReturnType<typeof seats> {
    return topology.network.ordering === 'raft' ? seats(topology) : [];
}

function peerPlans(topology: Topology, layout: Layout, fabric: FabricBinaries): readonly ProcessPlan[] {
    return fabricPeers(topology).map((organisation) => {
        const { chaincodeListener, operations } = peerPorts(organisation);
        return plan(
            peerNode(organisation),
            { program: fabric.peer, command: ['node', 'start'], layout },
            writeCoreYaml(organisation, layout, fabric.ccaasBuilder, {
                clientAuthRequired: topology.network.clientAuthRequired,
            }),
            [organisation.peer, operations, chaincodeListener].map(hostPort),
            {
                CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG: JSON.stringify(
                    builderConfiguration(topology, layout, organisation),
                ),
            },
        );
    });
}

function ordererPlans(topology: Topology, layout: Layout, { orderer }: FabricBinaries): readonly ProcessPlan[] {
    return raftSeats(topology).flatMap((organisation) => {
        const { admin, operations } = ordererPorts(organisation.orderingSeat);
        return orderer === undefined
            ? []
            : [
                  plan(
                      ordererNode(organisation),
                      { program: orderer, command: ['start'], layout },
                      writeOrdererYaml(organisation, layout, topology.network.clientAuthRequired),
                      [organisation.orderingSeat, admin, operations].map(hostPort),
                  ),
              ];
    });
}

interface Start {
    readonly program: string;
    readonly command: readonly string[];
    readonly layout: Layout;
}

function plan(
    name: string,
    { program, command, layout }: Start,
    configuration: string,
    endpoints: readonly string[],
    environment: Readonly<Record<string, string>> = {},
): ProcessPlan {
    const { FABRIC_LOGGING_SPEC: logging = 'warning' } = process.env;
    return {
        name,
        program,
        command,
        directory: layout.home,
        environment: {
            FABRIC_CFG_PATH: configuration,
            FABRIC_LOGGING_SPEC: logging,
            FABRIC_LOGGING_FORMAT: LOG_FORMAT,
            ...environment,
        },
        inherited: withoutFabricSettings(process.env),
        endpoints,
        staleFiles: [],
        isReady: async () => (await Promise.all(endpoints.map(accepts))).every(Boolean),
    };
}
