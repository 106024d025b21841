//! `make scale`: plays seasons of more and more caches, prints what each asked of AWS and cost, and fails where a promise
//! did not hold. It writes the table to `scale.txt` and the plots to `scale.svg` in the folder that it is given.

#![allow(clippy::print_stdout, reason = "it is what a person asked to see")]

use sim::scale::{Season, Setup, picture, play, table};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

const USAGE: &str = "scale FOLDER [OPTION VALUE]…
  --caches N,N     numbers of caches, a season each [10,100,1000]
  --nights N       nights of a season [30]
  --faults N       percent of calls at which a fault begins [1]
  --spoilt N       percent of nights with a bad snapshot or export [1]
  --limit N        ElastiCache calls a second, above which it throttles [none]
  --window N       minutes over which starts are spread [0]
  --seed N         what chance is drawn from [1]";

struct Asked {
    folder: PathBuf,
    caches: Vec<u32>,
    setup: Setup,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match asked(&arguments).and_then(|asked| run(&asked)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn asked(arguments: &[String]) -> Result<Asked, String> {
    let [folder, options @ ..] = arguments else {
        return Err(USAGE.to_owned());
    };
    let mut asked = Asked {
        folder: PathBuf::from(folder),
        caches: vec![10, 100, 1_000],
        setup: Setup::default(),
    };
    for pair in options.chunks(2) {
        let [option, value] = pair else {
            return Err(format!("`{}` needs a value\n\n{USAGE}", pair[0]));
        };
        let setup = &mut asked.setup;
        match option.as_str() {
            "--caches" => asked.caches = value.split(',').map(number).collect::<Result<_, _>>()?,
            "--nights" => setup.nights = number(value)?,
            "--faults" => setup.fault_rate = number::<f64>(value)? / 100.0,
            "--spoilt" => setup.spoilt_rate = number::<f64>(value)? / 100.0,
            "--limit" => setup.limit = Some(number(value)?),
            "--window" => setup.window_minutes = number(value)?,
            "--seed" => setup.seed = number(value)?,
            other => return Err(format!("there is no option `{other}`\n\n{USAGE}")),
        }
    }
    Ok(asked)
}

fn number<N: std::str::FromStr>(text: &str) -> Result<N, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is no number\n\n{USAGE}"))
}

fn run(asked: &Asked) -> Result<bool, String> {
    let mut seasons: Vec<Season> = Vec::new();
    for caches in &asked.caches {
        let setup = Setup {
            caches: *caches,
            ..asked.setup.clone()
        };
        #[expect(
            clippy::disallowed_methods,
            reason = "it tells a person how long they waited, and judges nothing"
        )]
        let begin = Instant::now();
        let season = play(&setup).map_err(|error| format!("no runtime: {error}"))?;
        println!("{caches} caches took {:.1} s", begin.elapsed().as_secs_f64());
        seasons.push(season);
    }
    let text = table(&seasons);
    print!("{text}");
    for (name, content) in [("scale.txt", &text), ("scale.svg", &picture(&seasons))] {
        let path = asked.folder.join(name);
        std::fs::write(&path, content)
            .map_err(|error| format!("cannot write `{}`: {error}", path.display()))?;
        println!("wrote {}", path.display());
    }
    Ok(seasons.iter().all(|season| season.breaches.is_empty()))
}
