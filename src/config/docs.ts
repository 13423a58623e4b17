import type { VariableDoc } from './kinds.ts';
import { variableDocs } from './variables.ts';

const groups = (): Map<string, [string, VariableDoc][]> => {
  const byGroup = new Map<string, [string, VariableDoc][]>();
  for (const [name, variable] of variableDocs()) {
    const list = byGroup.get(variable.group) ?? [];
    list.push([name, variable]);
    byGroup.set(variable.group, list);
  }
  return byGroup;
};

/** The text of `.env.example`. */
export const envExample = (): string => {
  const parts = [
    '# Copy to .env and fill in what is required. Any secret may come from a file: NAME_FILE=/path.',
  ];
  for (const [group, variables] of groups()) {
    parts.push('', `# --- ${group} ---`);
    for (const [name, variable] of variables) {
      const required = variable.defaultText === 'required';
      parts.push(`# ${variable.description}${required ? ' Required.' : ` Default: ${variable.defaultText}`}`);
      parts.push(required ? `${name}=` : `# ${name}=`);
    }
  }
  return `${parts.join('\n')}\n`;
};

/** The README's table of variables. */
export const variablesTable = (): string => {
  const rows = variableDocs().map(
    ([name, variable]) =>
      `| \`${name}\` | ${variable.defaultText} | ${variable.description.replaceAll('|', '\\|')} |`,
  );
  return ['| Name | Default | |', '|---|---|---|', ...rows].join('\n');
};
