import { EndorseError, GatewayError } from '@hyperledger/fabric-gateway';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Layout } from '../layout';
import { organisation, type ChaincodeService, type Topology } from '../topology';
import { type Approval, type Definition, LifecycleClient } from './lifecycle-client';
import { type ChaincodePackage, chaincodePackage } from './package';
import { type DeploymentPlan, type OrganisationState, planDeployment } from './plan';

export interface DeployOptions {
    readonly onProgress?: (step: string) => void;
    /** Default 60 s. */
    readonly limitMs?: number;
}

export interface Deployed {
    readonly name: string;
    readonly version: string;
    readonly sequence: number;
    readonly packageId: string;
    /** False when the channel had this definition already. */
    readonly changed: boolean;
}

const LIMIT_MS = 60_000;
const RETRY_MS = 50;

/**
 * Installs, approves (every organisation) and commits the chaincodes on a network that is up. Done again it finds the
 * definitions and changes nothing; interrupted and done again it does the rest.
 *
 * @throws Error naming the organisation, the step and what its peer answered.
 */
export async function deploy(
    topology: Topology,
    layout: Layout,
    options: DeployOptions = {},
): Promise<readonly Deployed[]> {
    const clients = topology.organisations.map((each) => new LifecycleClient(topology, layout, each));
    const deployment = new Deployment(clients, options.onProgress, performance.now() + (options.limitMs ?? LIMIT_MS));
    try {
        return await deployment.run(topology.chaincodes, layout);
    } finally {
        for (const client of clients) {
            client.close();
        }
    }
}

/**
 * Puts back the packages that one organisation's peer has lost with its disk. What it approved stands on the channel as hashes, by
 * which the peer finds the package again: nobody approves anew. Returns how many were missing.
 */
export async function installPackages(topology: Topology, layout: Layout, organisationId: string): Promise<number> {
    const client = new LifecycleClient(topology, layout, organisation(topology, organisationId));
    try {
        const packages = await Promise.all(topology.chaincodes.map((each) => chaincodePackage(each, layout)));
        const installed = await client.installedPackages();
        const missing = packages.filter(({ packageId }) => !installed.includes(packageId));
        for (const { bytes } of missing) {
            await client.install(bytes);
        }
        return missing.length;
    } finally {
        client.close();
    }
}

interface Step extends DeploymentPlan {
    readonly bytes: Buffer;
}

class Deployment {
    constructor(
        private readonly clients: readonly LifecycleClient[],
        private readonly progress: (step: string) => void = (): void => undefined,
        private readonly deadline: number,
    ) {}

    async run(chaincodes: readonly ChaincodeService[], layout: Layout): Promise<readonly Deployed[]> {
        const packages = await Promise.all(chaincodes.map((each) => chaincodePackage(each, layout)));
        const steps = await this.plan(chaincodes, packages);
        await this.install(steps);
        await this.approve(steps);
        await this.commit(steps.filter(({ toCommit }) => toCommit));
        return steps.map(({ definition: { name, version, sequence }, packageId, toCommit }) => ({
            name,
            version,
            sequence,
            packageId,
            changed: toCommit,
        }));
    }

    private async plan(
        chaincodes: readonly ChaincodeService[],
        packages: readonly ChaincodePackage[],
    ): Promise<readonly Step[]> {
        const committed = await this.at(this.first(), 'asked for definitions', (peer) => peer.committedDefinitions());
        const states = await this.atAll('asked for what it has', async (peer): Promise<OrganisationState> => {
            const [installed, approvals] = await Promise.all([peer.installedPackages(), peer.approvals()]);
            return { installed, approvals, approvedUnseen: await unseenApprovals(peer, committed, approvals) };
        });
        return packages.flatMap(({ packageId, bytes }, index) => {
            const chaincode = chaincodes[index];
            const definition = committed.find(({ name }) => name === chaincode?.name);
            return chaincode === undefined
                ? []
                : [{ ...planDeployment(chaincode, packageId, definition, states), bytes }];
        });
    }

    private async install(steps: readonly Step[]): Promise<void> {
        const work = this.workOf(steps, ({ toInstall }) => toInstall);
        if (work.length > 0) {
            this.progress(`installing ${work.length} packages`);
        }
        await Promise.all(
            work.map(({ client, step }) =>
                this.at(client, `installing ${step.definition.name}`, async (peer) => {
                    const packageId = await peer.install(step.bytes);
                    if (packageId !== step.packageId) {
                        throw new Error(`it computed package id ${packageId}, we ${step.packageId}`);
                    }
                }),
            ),
        );
    }

    private async approve(steps: readonly Step[]): Promise<void> {
        const work = this.workOf(steps, ({ toApprove }) => toApprove);
        if (work.length > 0) {
            this.progress(`${this.clients.length} organisations approve`);
        }
        await Promise.all(
            work.map(({ client, step }) =>
                this.at(client, `approving ${step.definition.name}`, (peer) =>
                    peer.approve(step.definition, step.packageId),
                ),
            ),
        );
    }

    /** Peers that have not yet seen the last approvals refuse for a moment; so do queries at peers behind. */
    private async commit(steps: readonly Step[]): Promise<void> {
        const majority = this.clients.slice(0, Math.floor(this.clients.length / 2) + 1).map(({ mspId }) => mspId);
        await Promise.all(
            steps.map(async ({ definition }) => {
                this.progress(`committing ${definition.name}, sequence ${definition.sequence}`);
                await this.at(this.first(), `committing ${definition.name}`, (peer) =>
                    this.untilEndorsed(() => peer.commit(definition, majority)),
                );
            }),
        );
        await this.atAll('waiting for the definitions', (peer) => this.untilCommitted(peer, steps));
    }

    private async untilEndorsed(submit: () => Promise<void>): Promise<void> {
        for (;;) {
            try {
                await submit();
                return;
            } catch (error) {
                if (!(error instanceof EndorseError) || performance.now() > this.deadline) {
                    throw error;
                }
            }
            await sleep(RETRY_MS);
        }
    }

    private async untilCommitted(peer: LifecycleClient, steps: readonly Step[]): Promise<void> {
        for (;;) {
            const committed = await peer.committedDefinitions();
            const missing = steps.filter(
                ({ definition: { name, sequence } }) =>
                    !committed.some((each) => each.name === name && each.sequence >= sequence),
            );
            if (missing.length === 0) {
                return;
            }
            if (performance.now() > this.deadline) {
                throw new Error(`no ${missing.map(({ definition }) => definition.name).join(', ')} within the limit`);
            }
            await sleep(RETRY_MS);
        }
    }

    private workOf(
        steps: readonly Step[],
        which: (step: Step) => readonly number[],
    ): readonly { client: LifecycleClient; step: Step }[] {
        return steps.flatMap((step) =>
            which(step).flatMap((index) => {
                const client = this.clients[index];
                return client === undefined ? [] : [{ client, step }];
            }),
        );
    }

    private atAll<T>(what: string, call: (peer: LifecycleClient) => Promise<T>): Promise<T[]> {
        return Promise.all(this.clients.map((client) => this.at(client, what, call)));
    }

    private async at<T>(
        client: LifecycleClient,
        what: string,
        call: (peer: LifecycleClient) => Promise<T>,
    ): Promise<T> {
        try {
            return await call(client);
        } catch (error) {
            const { id, peer } = client.organisation;
            throw new Error(`${id} (${peer.host}:${peer.port}), ${what}: ${reason(error)}`, { cause: error });
        }
    }

    private first(): LifecycleClient {
        const [first] = this.clients;
        if (first === undefined) {
            throw new Error('no organisation to deploy for');
        }
        return first;
    }
}

/**
 * Committed definitions that an organisation approved, though its peer no longer has the approval: the disk is gone, the hashes on the
 * channel are not.
 */
async function unseenApprovals(
    peer: LifecycleClient,
    committed: readonly Definition[],
    approvals: readonly Approval[],
): Promise<readonly string[]> {
    const unseen = committed.filter(
        ({ name, sequence }) => !approvals.some((each) => each.name === name && each.sequence === sequence),
    );
    const approved = await Promise.all(unseen.map(async ({ name }) => (await peer.approvedBy(name)).get(peer.mspId)));
    return unseen.filter((_, index) => approved[index] === true).map(({ name }) => name);
}

/** What the peers said, where a gateway passes it on. */
function reason(error: unknown): string {
    if (error instanceof GatewayError && error.details.length > 0) {
        return error.details.map(({ mspId, message }) => `${mspId}: ${message}`).join('; ');
    }
    return error instanceof Error ? error.message : String(error);
}
