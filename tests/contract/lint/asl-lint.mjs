// Judges a state machine file, given as the first argument, with `asl-validator` and with JSONata 2.0.6, the version
// that Step Functions speaks; writes a CloudFormation template with the definition inline for `cfn-lint` to the second.
import { createRequire } from "node:module";
import { readFileSync, writeFileSync } from "node:fs";

const [file, template] = process.argv.slice(2);
// The packages lie where `make setup` put them, not beside this file.
const require = createRequire(`${process.cwd()}/package.json`);
const validate = require("asl-validator");
const jsonata = require("jsonata");
const version = JSON.parse(readFileSync("node_modules/jsonata/package.json", "utf8")).version;
if (version !== "2.0.6") throw new Error(`jsonata is ${version}, Step Functions speaks 2.0.6`);

const text = readFileSync(file, "utf8")
  .replaceAll("${Partition}", "aws")
  .replace(/\$\{(\w+)Arn\}/g, "arn:aws:lambda:eu-west-1:000000000000:function:$1");
const definition = JSON.parse(text);
const problems = [];

// The validator writes into what it is given, so it gets a copy of its own.
const result = (validate.default ?? validate)(JSON.parse(text));
if (!result.isValid) problems.push(result.errorsText("\n"));

let expressions = 0;
const walk = (value, path) => {
  if (typeof value === "string") {
    const match = /^\{%([\s\S]*)%\}$/.exec(value);
    if (!match) return;
    expressions += 1;
    try {
      jsonata(match[1]);
    } catch (error) {
      problems.push(`${path}: ${error.message}`);
    }
  } else if (value && typeof value === "object") {
    for (const [key, inner] of Object.entries(value)) walk(inner, `${path}/${key}`);
  }
};
walk(definition, "");

writeFileSync(
  template,
  JSON.stringify({
    Resources: {
      StateMachine: {
        Type: "AWS::StepFunctions::StateMachine",
        Properties: { RoleArn: "arn:aws:iam::000000000000:role/states", Definition: definition },
      },
    },
  }),
);
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
console.log(`${expressions} expressions parsed by jsonata ${version}, graph accepted by asl-validator`);
