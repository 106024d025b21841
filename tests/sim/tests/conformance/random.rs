//! Machines that nobody thought of: made from a seed, run through both.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use crate::cases::{Case, Table, check};

/// Every repair that a machine of any shape may need.
const REPAIRS: [&str; 5] = [
    "map-item-in-tasks",
    "output-before-assign",
    "states-errors-in-maps",
    "stopped-is-not-succeeded",
    "told-once",
];

const ERRORS: [&str; 4] = ["Throttled", "Busy", "Lambda.ServiceException", "States.Timeout"];

/// A machine in the making, with the script of the functions that it calls.
struct Maker {
    rng: Rng,
    functions: Map<String, Value>,
    /// Names of states are unique in the whole machine, and each Task calls a function of its own.
    made: usize,
}

impl Maker {
    /// A scope of some states, one after the other; `item` is whether it is inside a Map, `depth` how many are allowed.
    fn scope(&mut self, item: bool, depth: usize) -> Value {
        let names: Vec<String> = (0..self.rng.usize(2..5))
            .map(|_| {
                self.made += 1;
                format!("S{}", self.made)
            })
            .collect();
        let mut states = Map::new();
        for (index, name) in names.iter().enumerate() {
            let next = names.get(index + 1).map(String::as_str);
            let earlier = names[self.rng.usize(0..=index)].as_str();
            let state = self.state(name, next, earlier, item, depth);
            states.insert(name.clone(), state);
        }
        json!({"StartAt": names[0], "States": states})
    }

    fn state(&mut self, name: &str, next: Option<&str>, earlier: &str, item: bool, depth: usize) -> Value {
        let mut state = match (self.rng.u8(0..6), next) {
            (0, Some(next)) => return self.choice(name, next, earlier),
            (1, _) => json!({"Type": "Wait", "Seconds": "{% $floor($states.input.n) % 5 %}"}),
            (2 | 3, _) => self.task(name, item),
            (4, _) if depth > 0 => self.map(depth),
            _ => json!({"Type": "Pass"}),
        };
        self.results(name, &mut state, item);
        match next {
            Some(next) => state["Next"] = json!(next),
            None => state["End"] = json!(true),
        }
        state
    }

    /// Goes back until the state was entered often enough, and on from then on.
    fn choice(&mut self, name: &str, next: &str, earlier: &str) -> Value {
        let rounds = format!("rounds{name}");
        let count = format!("$exists(${rounds}) ? ${rounds} : 0");
        let most = self.rng.usize(1..4);
        json!({
            "Type": "Choice",
            "Choices": [
                {"Condition": format!("{{% ({count}) < {most} and $states.input.n % 2 = {} %}}", self.rng.u8(0..2)),
                 "Assign": {&rounds: format!("{{% ({count}) + 1 %}}")},
                 "Output": {"n": "{% $states.input.n + 1 %}", "by": name}, "Next": earlier},
                {"Condition": "{% $states.input.n > 20 %}", "Output": {"n": "{% $states.input.n % 7 %}"}, "Next": next},
            ],
            "Default": next,
        })
    }

    fn task(&mut self, name: &str, item: bool) -> Value {
        let retriers = (0..self.rng.usize(0..3))
            .map(|_| self.retrier())
            .collect::<Vec<_>>();
        let answers = |maker: &mut Self| (0..4).map(|_| maker.answer()).collect::<Vec<_>>();
        let answers = if item {
            let by_index: Map<_, _> = (0..8)
                .map(|index: usize| (index.to_string(), json!(answers(self))))
                .collect();
            json!({"by": "/index", "answers": by_index})
        } else {
            json!(answers(self))
        };
        self.functions.insert(name.to_owned(), answers);
        let index = if item {
            "{% $states.context.Map.Item.Index %}"
        } else {
            "{% null %}"
        };
        let mut task = json!({
            "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "TimeoutSeconds": 8,
            "Arguments": {"FunctionName": name, "Payload": {
                "index": index, "input": "{% $states.input %}", "retry": "{% $states.context.State.RetryCount %}", "now": "{% $now() %}",
            }},
        });
        if !retriers.is_empty() {
            task["Retry"] = json!(retriers);
        }
        task
    }

    fn retrier(&mut self) -> Value {
        let interval = self.rng.u32(1..5);
        let mut retrier = json!({
            "ErrorEquals": [self.rng.choice(ERRORS), self.rng.choice(ERRORS)],
            "IntervalSeconds": interval, "MaxAttempts": self.rng.u32(1..5), "BackoffRate": self.rng.choice([1.0, 1.5, 2.0]),
        });
        if self.rng.bool() {
            retrier["MaxDelaySeconds"] = json!(interval + self.rng.u32(1..4));
        }
        if self.rng.bool() {
            retrier["JitterStrategy"] = json!("FULL");
        }
        retrier
    }

    /// Mostly a number, after a time that no two answers are likely to share.
    fn answer(&mut self) -> Value {
        let after = self.rng.u32(1..7000);
        match self.rng.u8(0..12) {
            0..3 => json!({"fails": self.rng.choice(&ERRORS[..3]), "after": after}),
            3 => json!({"never": true}),
            4 if self.rng.u8(0..8) == 0 => json!({"fails": "Permanent", "after": after}),
            _ => json!({"returns": {"n": self.rng.u8(0..30)}, "after": after}),
        }
    }

    fn map(&mut self, depth: usize) -> Value {
        let mut map = json!({
            "Type": "Map", "MaxConcurrency": self.rng.u8(0..4),
            "Items": format!("{{% [0..($states.input.n % {})] %}}", self.rng.u8(2..6)),
            "ItemProcessor": self.scope(true, depth - 1),
        });
        map["ItemSelector"] = json!({
            "n": format!("{{% $states.context.Map.Item.Value + {} %}}", self.rng.u8(0..9)), "outer": "{% $states.input.n %}",
        });
        map
    }

    /// What a state assigns and gives on: always an object with a number, whatever it was made of.
    fn results(&mut self, name: &str, state: &mut Value, item: bool) {
        let own = format!("v{name}");
        let result = match state["Type"].as_str().unwrap_or_default() {
            "Task" => "$states.result.Payload.n",
            "Map" => "$sum($states.result.n)",
            _ => "$states.input.n",
        };
        if self.rng.bool() {
            state["Assign"] =
                json!({&own: format!("{{% {result} * 2 %}}"), "all": {"last": "{% $states.input %}"}});
            if item {
                state["Assign"] = json!({&own: format!("{{% {result} * 2 %}}")});
            }
        }
        let seen = if state["Assign"].is_null() {
            "0".to_owned()
        } else {
            format!("$exists(${own}) ? ${own} : -1")
        };
        state["Output"] = json!({
            "n": format!("{{% {result} + {} %}}", self.rng.u8(0..5)),
            "seen": format!("{{% {seen} %}}"), "was": ["{% $states.input.n %}", name],
        });
    }
}

/// The machine of a seed and the case to run it in, without its end.
fn made(seed: u64) -> (String, Case) {
    let mut maker = Maker {
        rng: Rng::with_seed(seed),
        functions: Map::new(),
        made: 0,
    };
    let mut machine = maker.scope(false, 2);
    machine["QueryLanguage"] = json!("JSONata");
    machine["TimeoutSeconds"] = json!(600);
    let case = json!({
        "why": format!("seed {seed}: {machine}"), "input": {"n": maker.rng.u8(0..30)},
        "functions": maker.functions, "ends": "",
    });
    (machine.to_string(), serde_json::from_value(case).unwrap())
}

#[test]
fn random_machines_run_alike() {
    let Some(mut table) = Table::start() else { return };
    let mut ends = std::collections::BTreeMap::<String, usize>::new();
    for seed in 0..40 {
        let (definition, mut case) = made(seed);
        let ended = table.case_as_it_ends(&format!("seed-{seed}"), &definition, &mut case, &REPAIRS);
        *ends.entry(ended).or_default() += 1;
    }
    println!("{ends:?}");
    check(&table);
    assert!(
        ends["SUCCEEDED"] >= 10 && ends.len() >= 4,
        "the seeds should show all ends: {ends:?}"
    );
}
