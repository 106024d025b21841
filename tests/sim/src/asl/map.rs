//! One attempt at an inline Map: items, iterations in flight, the first failure stops the others.

use futures_util::stream::{FuturesUnordered, StreamExt};
use serde_json::Value;

use super::definition::{MapState, Transform};
use super::evaluate::Fault;
use super::history::{Details, EventType, MapIteration};
use super::position::{Cursor, Iteration, Phase};
use super::run::{Failure, Path, Runner};
use super::step::{MAX_BYTES, Outcome};

impl Runner<'_> {
    pub(super) async fn attempt_map(
        &self,
        path: Path<'_>,
        name: &str,
        map: &MapState,
        result: &Transform,
    ) -> Result<Outcome, Failure> {
        let outcome = async {
            self.open(path, map)?;
            self.iterate(path, name, map).await?;
            let outputs = self.outputs(path);
            if outputs.to_string().len() > MAX_BYTES {
                return Err(self.too_large(path, "Map result"));
            }
            self.emit(path, EventType::MapStateSucceeded, None)?;
            self.outcome(path, result, "", Some(&outputs))
        };
        match outcome.await {
            Ok(outcome) => Ok(outcome),
            Err(failure) => Err(self.map_failed(path, failure)),
        }
    }

    /// Evaluates the items, unless a redrive goes on with the iterations that are there.
    fn open(&self, path: Path<'_>, map: &MapState) -> Result<(), Failure> {
        if self.read(|execution| {
            execution
                .cursor(path)
                .is_some_and(|cursor| cursor.iterations.is_some())
        }) {
            return Ok(());
        }
        let items = match self.evaluate(path, &map.items, "Items", None)? {
            Value::Array(items) => items,
            other => return Err(self.wrong_type(path, &map.items, "Items", "array", &other)),
        };
        let inputs = self.item_inputs(path, map, &items)?;
        if inputs.iter().any(|input| input.to_string().len() > MAX_BYTES) {
            return Err(self.too_large(path, "item"));
        }
        let details = Details::MapStateStarted { length: items.len() };
        let waiting = |(item, input)| Iteration {
            item,
            phase: Phase::Waiting { input },
        };
        let iterations = items.into_iter().zip(inputs).map(waiting).collect();
        self.emit_and(path, EventType::MapStateStarted, Some(details), |execution, _| {
            if let Some(cursor) = execution.cursor_mut(path) {
                cursor.iterations = Some(iterations);
            }
        })?;
        Ok(())
    }

    /// Each iteration's input: the item, or what `ItemSelector` makes of it.
    fn item_inputs(&self, path: Path<'_>, map: &MapState, items: &[Value]) -> Result<Vec<Value>, Failure> {
        let Some(selector) = &map.selector else {
            return Ok(items.to_vec());
        };
        let inputs = self.evaluation(path, &selector.references(), None, |evaluation| {
            items
                .iter()
                .enumerate()
                .map(|(index, item)| {
                    evaluation.set_item(index, item);
                    evaluation.template(selector)
                })
                .collect::<Result<Vec<_>, Fault>>()
        });
        inputs.map_err(|fault| self.evaluation_failed(path, "ItemSelector", &fault))
    }

    /// Runs what is not done yet, the lowest index first, at most `concurrency` at once.
    async fn iterate(&self, path: Path<'_>, name: &str, map: &MapState) -> Result<(), Failure> {
        let base = self.read(|execution| execution.cursor(path).map_or(0, |cursor| cursor.last_event));
        let mut pending = self.pending(path).into_iter();
        let mut running = FuturesUnordered::new();
        loop {
            while running.len() < map.concurrency
                && let Some(index) = pending.next()
            {
                self.begin(path, name, map, index, base)?;
                let inner: Vec<usize> = path.iter().copied().chain([index]).collect();
                running.push(async move { (index, self.strand(&map.scope, inner).await) });
            }
            match running.next().await {
                None => return Ok(()),
                Some((index, Ok(output))) => self.done(path, name, index, output)?,
                Some((index, Err(failure))) => {
                    // What is in flight ends here, before its `Aborted` events are written.
                    drop(running);
                    return Err(self.iteration_failed(path, name, index, failure));
                }
            }
        }
    }

    fn pending(&self, path: Path<'_>) -> Vec<usize> {
        self.read(|execution| {
            let iterations = execution
                .cursor(path)
                .and_then(|cursor| cursor.iterations.as_deref())
                .unwrap_or_default();
            let open = |(index, iteration): (usize, &Iteration)| {
                (!matches!(iteration.phase, Phase::Done { .. })).then_some(index)
            };
            iterations.iter().enumerate().filter_map(open).collect()
        })
    }

    /// Starts an iteration, or starts it again at the state it failed in.
    ///
    /// That a redriven iteration gets a `MapIterationStarted` of its own is unconfirmed.
    fn begin(
        &self,
        path: Path<'_>,
        name: &str,
        map: &MapState,
        index: usize,
        base: u64,
    ) -> Result<(), Failure> {
        self.change(|execution| {
            let iterations = execution
                .cursor_mut(path)
                .and_then(|cursor| cursor.iterations.as_mut());
            let Some(iteration) = iterations.and_then(|iterations| iterations.get_mut(index)) else {
                return;
            };
            if let Phase::Waiting { input } = &mut iteration.phase {
                let input = std::mem::take(input);
                iteration.phase = Phase::Open(Box::new(Cursor::at(&map.scope.start_at, input)));
            }
            if let Phase::Open(cursor) = &mut iteration.phase {
                cursor.last_event = base;
                cursor.active = true;
            }
        });
        let inner: Vec<usize> = path.iter().copied().chain([index]).collect();
        let details = Details::MapIterationStarted(MapIteration {
            name: name.to_owned(),
            index,
        });
        self.emit(&inner, EventType::MapIterationStarted, Some(details))
            .map(|_| ())
    }

    fn done(&self, path: Path<'_>, name: &str, index: usize, output: Value) -> Result<(), Failure> {
        let inner: Vec<usize> = path.iter().copied().chain([index]).collect();
        let details = Details::MapIterationSucceeded(MapIteration {
            name: name.to_owned(),
            index,
        });
        self.emit_and(
            &inner,
            EventType::MapIterationSucceeded,
            Some(details),
            |execution, id| {
                let Some(cursor) = execution.cursor_mut(path) else {
                    return;
                };
                cursor.last_event = id;
                if let Some(iteration) = cursor
                    .iterations
                    .as_mut()
                    .and_then(|iterations| iterations.get_mut(index))
                {
                    iteration.phase = Phase::Done { output };
                }
            },
        )?;
        Ok(())
    }

    fn outputs(&self, path: Path<'_>) -> Value {
        self.read(|execution| {
            let iterations = execution
                .cursor(path)
                .and_then(|cursor| cursor.iterations.as_deref())
                .unwrap_or_default();
            let output = |iteration: &Iteration| match &iteration.phase {
                Phase::Done { output } => Some(output.clone()),
                Phase::Waiting { .. } | Phase::Open(_) => None,
            };
            iterations.iter().filter_map(output).collect()
        })
    }

    /// The failing iteration fails and the others under way are aborted, all because of the failure's event, in
    /// the order of real histories.
    fn iteration_failed(&self, path: Path<'_>, name: &str, index: usize, failure: Failure) -> Failure {
        let now = self.now();
        self.change(|execution| {
            let details = Details::MapIterationFailed(MapIteration {
                name: name.to_owned(),
                index,
            });
            execution.push_if_room(EventType::MapIterationFailed, failure.event, Some(details), now);
            execution.abort_siblings(path, index, failure.event, now);
        });
        failure
    }

    fn map_failed(&self, path: Path<'_>, failure: Failure) -> Failure {
        let now = self.now();
        let event = self.change(|execution| {
            let event = execution.push_if_room(EventType::MapStateFailed, failure.event, None, now)?;
            if let Some(cursor) = execution.cursor_mut(path) {
                cursor.last_event = event;
            }
            Some(event)
        });
        Failure {
            event: event.unwrap_or(failure.event),
            ..failure
        }
    }
}
