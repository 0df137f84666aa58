/** Why a block was not taken: another source may have a better one. */
export class BlockRefused extends Error {
    override readonly name = 'BlockRefused';
}

/** Fabric halts the channel here (a malformed key policy, a configuration that was not authorised): so do we, state unchanged. */
export class ChannelHalted extends Error {
    override readonly name = 'ChannelHalted';
}
