/** From what zod found to problems that a person can read. */

import { z } from 'zod';
import type { Path, Problem } from './problem.ts';
import { fileSchema } from './schema.ts';
import { listed, nearest } from './suggest.ts';
import { planNameRemedy, type Remedy, tagKeyRemedy } from './words.ts';

/** The problems of a file's names and of a list of zod's issues, one for each path. */
export function problemsOf(issues: readonly z.core.$ZodIssue[], data: unknown): Problem[] {
  const names = [...nameProblems(data, 'plans', planNameRemedy), ...nameProblems(data, 'tags', tagKeyRemedy)];
  const all = [...names, ...issues.flatMap((issue) => problemsOfIssue(issue, [], data))];
  const text = ({ path, of }: Problem) => `${of} ${JSON.stringify(path)}`;
  // What is missing in a map may be what was misspelt there, and one slip is told once.
  const misspelt = new Set(
    all.filter(({ of }) => of === 'key').map(({ path }) => JSON.stringify(path.slice(0, -1))),
  );
  const seen = new Set<string>();
  return all.filter((found) => {
    const follows = found.of === 'value' && misspelt.has(JSON.stringify(found.path));
    return follows || seen.has(text(found)) ? false : seen.add(text(found));
  });
}

/** The names in a map that may not stand; a map that is none is zod's to refuse. */
function nameProblems(data: unknown, field: string, remedyOf: (name: string) => Remedy): Problem[] {
  const map = valueAt(data, [field]);
  if (typeof map !== 'object' || map === null || Array.isArray(map)) return [];
  return Object.keys(map).flatMap((name): Problem[] => {
    const remedy = remedyOf(name);
    return remedy === undefined ? [] : [{ path: [field, name], of: 'key', remedy }];
  });
}

function problemsOfIssue(issue: z.core.$ZodIssue, above: Path, data: unknown): Problem[] {
  const path = [...above, ...plain(issue.path)];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], of: 'key', remedy: unknownKey(key, path) }));
    case 'invalid_union': {
      // The only union is that of caches: a map is judged as a map, and all else as the text it should be.
      const given = valueAt(data, path);
      const [asText = [], asMap = []] = issue.errors;
      if (typeof given === 'object' && given !== null && !Array.isArray(given)) {
        return asMap.flatMap((inner) => problemsOfIssue(inner, path, data));
      }
      const text = typeof given === 'string' ? asText[0]?.message : undefined;
      return [{ path, of: 'value', remedy: text ?? issue.message }];
    }
    default:
      return [{ path, of: 'value', remedy: issue.message }];
  }
}

function plain(path: readonly PropertyKey[]): Path {
  return path.map((part) => (typeof part === 'number' ? part : String(part)));
}

function unknownKey(key: string, path: Path): string {
  const allowed = fieldsAt(path);
  const near = nearest(key, allowed);
  return `${near === undefined ? '' : `did you mean "${near}"? `}allowed are ${listed(allowed)}`;
}

/** The value at a path, or undefined. */
export function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}

/** As much of a JSON Schema as is walked here. */
interface Form {
  readonly properties?: Readonly<Record<string, Form>>;
  readonly additionalProperties?: Form | boolean;
  readonly items?: Form;
  readonly anyOf?: readonly Form[];
}

let wholeForm: Form | undefined;

function formOfFile(): Form {
  wholeForm ??= z.toJSONSchema(fileSchema, { unrepresentable: 'any' }) as Form;
  return wholeForm;
}

/** The forms that a value may have, a union's one after the other. */
function choices(form: Form): readonly Form[] {
  return form.anyOf ?? [form];
}

/** The fields of the map at a path. */
function fieldsAt(path: Path): string[] {
  let forms = choices(formOfFile());
  for (const part of path) {
    forms = forms.flatMap((form) => {
      const { properties, additionalProperties, items } = form;
      const any = typeof additionalProperties === 'object' ? additionalProperties : undefined;
      const next = typeof part === 'number' ? items : (properties?.[part] ?? any);
      return next === undefined ? [] : choices(next);
    });
  }
  return forms.flatMap(({ properties }) => Object.keys(properties ?? {}));
}

/**
 * Every field of a file, as `plans.*.caches[].kind`, in the schema's order: for whoever documents or tests
 * them.
 */
export function allFields(): string[] {
  return fieldsBelow(formOfFile(), '');
}

function fieldsBelow(form: Form, above: string): string[] {
  return choices(form).flatMap(({ properties, additionalProperties, items }) => {
    const own = Object.entries(properties ?? {}).flatMap(([name, below]) => {
      const path = above === '' ? name : `${above}.${name}`;
      return [path, ...fieldsBelow(below, path)];
    });
    const any =
      typeof additionalProperties === 'object' ? fieldsBelow(additionalProperties, `${above}.*`) : [];
    return [...own, ...any, ...(items === undefined ? [] : fieldsBelow(items, `${above}[]`))];
  });
}
