/** Why a configuration update is not authorised, or what it would lead to cannot be a configuration; the message names the element. */
export class ConfigUpdateRefused extends Error {
    override readonly name = 'ConfigUpdateRefused';
}
