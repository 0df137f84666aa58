import type { JSX } from 'preact';
import { useId } from 'preact/hooks';

interface ChoiceProps<T extends string> {
    readonly label: string;
    readonly value: T;
    readonly options: readonly (readonly [T, string])[];
    readonly onChange: (value: T) => void;
}

/** One of a few, all to be seen: radio buttons that look like one switch. */
export function Choice<T extends string>({ label, value, options, onChange }: ChoiceProps<T>): JSX.Element {
    const name = useId();
    return (
        <fieldset class="choice">
            <legend class="sr">{label}</legend>
            {options.map(([option, text]) => (
                <label key={option}>
                    <input
                        type="radio"
                        name={name}
                        value={option}
                        checked={option === value}
                        onChange={() => {
                            onChange(option);
                        }}
                    />
                    <span>{text}</span>
                </label>
            ))}
        </fieldset>
    );
}
