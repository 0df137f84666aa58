import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestCommunity } from '../../testing/test-community';
import { chaincodePackage, type ChaincodePackage } from '../../topology/deploy/package';
import { repositoryRoot } from '../../topology/layout';
import { end, own } from './children';

const SCRIPT = join('network', 'src', 'testing', 'kv-chaincode.js');

/** A chaincode of one function per thing that a chaincode can ask of its peer, under the unmodified shim; both twins call this one. */
export interface Service {
    readonly name: string;
    readonly package: ChaincodePackage;
    stop(): Promise<void>;
}

export async function startService(community: TestCommunity, name: string): Promise<Service> {
    const { topology, layout } = community;
    const chaincode = topology.chaincodes.find((each) => each.name === name);
    if (chaincode === undefined) throw new Error(`the community has no chaincode ${name}`);
    const made = await chaincodePackage({ ...chaincode, directory: 'network' }, layout);
    const { serverKey, serverCertificate, root } = layout.chaincodeTls;
    const address = `${chaincode.service.host}:${chaincode.service.port}`;
    const service = own(
        spawn(
            process.execPath,
            [
                '--no-deprecation',
                join(repositoryRoot, SCRIPT),
                made.packageId,
                address,
                serverKey,
                serverCertificate,
                root,
            ],
            { stdio: ['ignore', 'pipe', 'inherit'], cwd: repositoryRoot },
        ),
    );
    await Promise.race([once(service.stdout, 'data'), failed(service)]);
    return {
        name,
        package: made,
        stop: () => end(service, 'SIGKILL'),
    };
}

async function failed(service: ChildProcess): Promise<never> {
    const [code] = (await once(service, 'exit')) as [number | null];
    throw new Error(`the chaincode service ended with ${code ?? 'a signal'}`);
}
