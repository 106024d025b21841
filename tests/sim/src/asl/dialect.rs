//! What Step Functions understands of JSONata, checked on the syntax tree before anything runs.
//!
//! Step Functions speaks JSONata 2.0.6 (guide, "Transforming data with JSONata"): later operators do not exist,
//! `$eval` is missing, `$` and `$$` and bare field names mean nothing at the top level, and six functions are
//! added. The library speaks a newer JSONata, so what it would accept too much is refused here.

use std::collections::BTreeSet;

use jsonata_core::ast::{AstNode, BinaryOp, PathStep, Stage};

/// Names an expression uses, so that only those are converted and bound for an evaluation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct References {
    /// Every variable that is read, without `$`.
    pub(super) variables: BTreeSet<String>,
    /// Variables and functions that the expression defines itself.
    pub(super) locals: BTreeSet<String>,
    /// The fields of `$states` that are read; all of them where `$states` is used whole.
    pub(super) states: BTreeSet<&'static str>,
}

impl References {
    /// The variables that must come from an `Assign` of the state machine.
    pub(super) fn assigned_elsewhere(&self) -> impl Iterator<Item = &String> {
        self.variables
            .iter()
            .filter(|name| !self.locals.contains(*name) && *name != "states" && !is_function(name))
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.variables.extend(other.variables);
        self.locals.extend(other.locals);
        self.states.extend(other.states);
    }
}

/// The fields of `$states` (guide, "Reserved variable: $states").
pub(super) const STATES_FIELDS: [&str; 4] = ["input", "result", "errorOutput", "context"];

/// Checks `ast` against the dialect and collects what it refers to; the error says what is refused.
pub(super) fn check(ast: &AstNode) -> Result<References, String> {
    let mut walk = Walk::default();
    walk.node(ast, false)?;
    for name in &walk.called {
        if !is_function(name) && !walk.found.locals.contains(name) {
            return Err(format!(
                "`${name}` is no function of JSONata 2.0.6 nor of Step Functions"
            ));
        }
    }
    Ok(walk.found)
}

#[derive(Default)]
struct Walk {
    found: References,
    called: BTreeSet<String>,
}

impl Walk {
    /// `focused` is whether a path step or predicate around the node has given `$` and field names a meaning.
    fn node(&mut self, node: &AstNode, focused: bool) -> Result<(), String> {
        match node {
            AstNode::Variable(name) if name.is_empty() && !focused => {
                Err("`$` has no value at the top level; write `$states.input`".to_owned())
            }
            AstNode::ParentVariable(_) => {
                Err("`$$` has no value in Step Functions; write `$states.input`".to_owned())
            }
            AstNode::Name(name) if !focused => Err(format!(
                "field `{name}` has no context at the top level; write `$states.input.{name}`"
            )),
            AstNode::Variable(name) => {
                if name == "states" {
                    self.found.states.extend(STATES_FIELDS);
                }
                self.found.variables.insert(name.clone());
                Ok(())
            }
            AstNode::Path { steps } => self.path(steps, focused),
            AstNode::Binary { op, lhs, rhs } => self.binary(*op, lhs, rhs, focused),
            AstNode::Function {
                name,
                args,
                is_builtin,
            } => self.call(name, args, *is_builtin, focused),
            AstNode::Lambda { params, body, .. } => {
                self.found.locals.extend(params.iter().cloned());
                self.node(body, focused)
            }
            AstNode::ObjectTransform { input, pattern } => {
                self.node(input, focused)?;
                self.pairs(pattern, true)
            }
            AstNode::Sort { input, terms } => {
                self.node(input, focused)?;
                terms.iter().try_for_each(|(term, _)| self.node(term, true))
            }
            AstNode::Transform {
                location,
                update,
                delete,
            } => {
                self.node(location, true)?;
                self.node(update, true)?;
                delete.as_deref().map_or(Ok(()), |delete| self.node(delete, true))
            }
            other => self.plain(other, focused),
        }
    }

    /// Nodes whose children see what the node itself sees.
    fn plain(&mut self, node: &AstNode, focused: bool) -> Result<(), String> {
        match node {
            AstNode::Unary { operand, .. } => self.node(operand, focused),
            AstNode::Call { procedure, args } => {
                self.node(procedure, focused)?;
                self.all(args, focused)
            }
            AstNode::Array(items) | AstNode::Block(items) | AstNode::ArrayGroup(items) => {
                self.all(items, focused)
            }
            AstNode::Object(pairs) => self.pairs(pairs, focused),
            AstNode::Conditional {
                condition,
                then_branch,
                else_branch,
            } => {
                self.node(condition, focused)?;
                self.node(then_branch, focused)?;
                else_branch
                    .as_deref()
                    .map_or(Ok(()), |branch| self.node(branch, focused))
            }
            AstNode::FunctionApplication(inner) => self.node(inner, focused),
            _ => Ok(()),
        }
    }

    fn all(&mut self, nodes: &[AstNode], focused: bool) -> Result<(), String> {
        nodes.iter().try_for_each(|node| self.node(node, focused))
    }

    fn pairs(&mut self, pairs: &[(AstNode, AstNode)], focused: bool) -> Result<(), String> {
        pairs.iter().try_for_each(|(key, value)| {
            self.node(key, focused)?;
            self.node(value, focused)
        })
    }

    fn path(&mut self, steps: &[PathStep], focused: bool) -> Result<(), String> {
        let field = states_field(steps)?;
        for (index, step) in steps.iter().enumerate() {
            self.found
                .locals
                .extend(step.focus.iter().chain(&step.index_var).cloned());
            match (index, field) {
                (0, Some(field)) => {
                    self.found.variables.insert("states".to_owned());
                    self.found.states.insert(field);
                }
                _ => self.node(&step.node, focused || index > 0)?,
            }
            for stage in &step.stages {
                match stage {
                    Stage::Filter(predicate) => self.node(predicate, true)?,
                    Stage::Index(name) => {
                        self.found.locals.insert(name.clone());
                    }
                    Stage::KeepArray => {}
                }
            }
        }
        Ok(())
    }

    fn binary(&mut self, op: BinaryOp, lhs: &AstNode, rhs: &AstNode, focused: bool) -> Result<(), String> {
        match (op, lhs) {
            (BinaryOp::Coalesce, _) => {
                Err("operator `??` is younger than JSONata 2.0.6; use `$exists(x) ? x : y`".to_owned())
            }
            (BinaryOp::Default, _) => {
                Err("operator `?:` is younger than JSONata 2.0.6; use `x ? x : y`".to_owned())
            }
            (BinaryOp::ColonEqual, AstNode::Variable(name)) => {
                self.found.locals.insert(name.clone());
                self.node(rhs, focused)
            }
            _ => {
                self.node(lhs, focused)?;
                self.node(rhs, focused)
            }
        }
    }

    fn call(&mut self, name: &str, args: &[AstNode], dollar: bool, focused: bool) -> Result<(), String> {
        match name {
            _ if !dollar => return Err(format!("function `{name}` needs a dollar sign: `${name}`")),
            "eval" => return Err("`$eval` does not exist in Step Functions; use `$parse`".to_owned()),
            "now" | "millis" | "uuid" if !args.is_empty() => {
                return Err(format!(
                    "`${name}` takes no arguments here; format with `$fromMillis($millis(), …)`"
                ));
            }
            _ => {}
        }
        self.called.insert(name.to_owned());
        self.all(args, focused)
    }
}

/// The field of `$states` that a path begins with; a misspelt one is an error because it is always undefined.
fn states_field(steps: &[PathStep]) -> Result<Option<&'static str>, String> {
    let [first, second, ..] = steps else {
        return Ok(None);
    };
    let (AstNode::Variable(root), AstNode::Name(field)) = (&first.node, &second.node) else {
        return Ok(None);
    };
    if root != "states" {
        return Ok(None);
    }
    STATES_FIELDS
        .into_iter()
        .find(|known| known == field)
        .map(Some)
        .ok_or_else(|| {
            format!(
                "`$states` has no field `{field}`; it has `{}`",
                STATES_FIELDS.join("`, `")
            )
        })
}

fn is_function(name: &str) -> bool {
    JSONATA_2_0_6.contains(&name) || STEP_FUNCTIONS.contains(&name)
}

/// What Step Functions adds (guide, "JSONata functions provided by Step Functions"); `$random` takes a seed there.
const STEP_FUNCTIONS: [&str; 6] = ["partition", "range", "hash", "random", "uuid", "parse"];

/// The functions of jsonata 2.0.6, `$eval` left out as Step Functions does.
const JSONATA_2_0_6: [&str; 64] = [
    "abs",
    "append",
    "assert",
    "average",
    "base64decode",
    "base64encode",
    "boolean",
    "ceil",
    "clone",
    "contains",
    "count",
    "decodeUrl",
    "decodeUrlComponent",
    "distinct",
    "each",
    "encodeUrl",
    "encodeUrlComponent",
    "error",
    "exists",
    "filter",
    "floor",
    "formatBase",
    "formatInteger",
    "formatNumber",
    "fromMillis",
    "join",
    "keys",
    "length",
    "lookup",
    "lowercase",
    "map",
    "match",
    "max",
    "merge",
    "millis",
    "min",
    "not",
    "now",
    "number",
    "pad",
    "parseInteger",
    "power",
    "random",
    "reduce",
    "replace",
    "reverse",
    "round",
    "shuffle",
    "sift",
    "single",
    "sort",
    "split",
    "spread",
    "sqrt",
    "string",
    "substring",
    "substringAfter",
    "substringBefore",
    "sum",
    "toMillis",
    "trim",
    "type",
    "uppercase",
    "zip",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(source: &str) -> Result<References, String> {
        check(&jsonata_core::parser::parse(source).unwrap())
    }

    #[track_caller]
    fn refused(source: &str, because: &str) {
        let problem = verdict(source).unwrap_err();
        assert!(
            problem.contains(because),
            "`{source}` was refused with `{problem}`, not because of `{because}`"
        );
    }

    #[track_caller]
    fn accepted(source: &str) {
        verdict(source).unwrap_or_else(|problem| panic!("`{source}`: {problem}"));
    }

    #[test]
    fn what_2_0_6_lacks_is_refused() {
        refused("$states.input.a ?? 1", "`??`");
        refused("$states.input.a ?: 1", "`?:`");
        refused("[1].(2 ? $x ?? 3 : 4)", "`??`");
        refused("$map([1], function($v) { $v ?: 2 })", "`?:`");
        refused("{'k': $x ?? 1}", "`??`");
        refused("$eval('1')", "`$eval`");
        refused("$encode('x')", "`$encode`");
        refused("upper('x')", "needs a dollar sign");
        refused("$now('[Y]')", "takes no arguments");
    }

    #[test]
    fn what_has_no_context_is_refused() {
        refused("$", "`$` has no value");
        refused("$$.a", "`$$` has no value");
        refused("$states.input[$$.x]", "`$$` has no value");
        refused("name", "field `name` has no context");
        refused("{'a': b.c}", "field `b`");
        refused("$states.inputs.a", "`$states` has no field `inputs`");
    }

    #[test]
    fn what_has_a_context_is_accepted() {
        accepted("$states.input.a[id = 3 and $.x > 1].{'n': name}");
        accepted("$states.input.items^(>size)");
        accepted("$states.input.items{kind: $sum(size)}");
        accepted("$map($states.input.a, function($v, $i) { $i & $v.id })");
        accepted("($f := function($n) { $n * 2 }; $f(4))");
        accepted("$states.input.name ~> $uppercase");
        accepted("$range(0, 4, 2) ~> $map($string)");
    }

    #[test]
    fn references_are_what_must_be_bound() {
        let found =
            verdict("($x := $budget; $x + $states.input.a + $count($states.context.Execution.Input))")
                .unwrap();
        assert_eq!(found.assigned_elsewhere().collect::<Vec<_>>(), ["budget"]);
        assert_eq!(found.states.into_iter().collect::<Vec<_>>(), ["context", "input"]);
        let whole = verdict("$merge([$states, {'a': 1}])").unwrap();
        assert_eq!(whole.states.len(), STATES_FIELDS.len());
    }
}
