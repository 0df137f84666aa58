/** Values for the templates of chaincode packages: what Fabric's peers are told in `CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG`. */
export type BuilderValues = Readonly<Record<string, unknown>>;

const ACTION = /\{\{-?\s*(.*?)\s*-?\}\}/g;
const FIELDS = /^(\.[A-Za-z_]\w*)+$/;

/**
 * Fills `{{.name}}` and `{{.group.name}}` as Fabric's builder for chaincode services does. Of Go's template language packages of
 * services need nothing else, and nothing else is understood.
 *
 * @throws Error in the builder's words when a value is missing or an action is another.
 */
export function fillTemplate(text: string, values: BuilderValues): string {
    return text.replace(ACTION, (_whole, action: string) => {
        if (!FIELDS.test(action)) {
            throw new Error(`this peer's builder fills {{.name}} only, not {{${action}}}`);
        }
        const value = action.slice(1).split('.').reduce<unknown>(fieldOf, values);
        if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
            throw new Error(`template: ${action} is no text`);
        }
        return String(value);
    });
}

function fieldOf(values: unknown, name: string): unknown {
    if (typeof values !== 'object' || values === null || !Object.hasOwn(values, name)) {
        throw new Error(`template: map has no entry for key "${name}"`);
    }
    return (values as BuilderValues)[name];
}
