//! What leaves the page: the link of this moment with what is shown, the picture as a file, the run as a script.

use playground_core::timeline::seal;
use wasm_bindgen::JsCast;
use web_sys::HtmlCanvasElement;

use super::app::App;
use crate::model::{Action, HomeFile, Picture};
use crate::scene;
use crate::shell::{document, download};

/// A saved picture has so many dots for one of the page.
const DENSITY: f64 = 2.0;

impl App {
    /// The link of this moment as a text: what the engine and what the page have to say.
    pub(super) fn link_text(&self) -> String {
        format!("{}{}", self.model.snapshot.link(), self.model.page_part())
    }

    /// The link of this moment, ready to be sent.
    pub(super) fn link(&self) -> String {
        seal(&self.link_text())
    }

    /// `losing-a-broker-12.345s.svg`.
    pub(super) fn file_name(&self, ending: &str) -> String {
        let lesson = self.model.lesson_id().unwrap_or("kafka");
        let plain = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '-' };
        let lesson: String = lesson.chars().map(plain).collect();
        let now = self.model.snapshot.now().0;
        format!("{lesson}-{}.{:03}s.{ending}", now / 1_000_000, now / 1000 % 1000)
    }

    /// Saves a file with which the run can be played on real brokers.
    pub(super) fn take_home(&mut self, file: HomeFile) {
        let saved = self.engine.take_home().and_then(|home| match file {
            HomeFile::Script => {
                download::text("run.sh", "text/x-shellscript", &home.script).map(|()| "run.sh".to_owned())
            }
            HomeFile::Compose => {
                let name = "docker-compose.yml";
                download::text(name, "application/yaml", &home.compose).map(|()| name.to_owned())
            }
        });
        self.dispatch.emit(Action::Saved(saved));
    }

    /// Draws the picture anew, as large as on the page, and saves it.
    pub(super) fn save_picture(&mut self, kind: Picture) {
        let (view, opts) = (self.engine.view(), self.options());
        let Some((width, height)) = self.painter.size() else { return };
        let plan = scene::layout(&view, &opts, width, height);
        let dispatch = self.dispatch.clone();
        match kind {
            Picture::Svg => {
                let name = self.file_name("svg");
                let text = scene::svg(&plan, &view, &opts, view.now);
                dispatch.emit(Action::Saved(download::text(&name, "image/svg+xml", &text).map(|()| name)));
            }
            Picture::Png => {
                let name = self.file_name("png");
                let Some(canvas) = canvas(plan.bounds.w, plan.bounds.h) else { return };
                if let Some(context) = canvas.get_context("2d").ok().flatten().and_then(|one| one.dyn_into().ok()) {
                    let context: web_sys::CanvasRenderingContext2d = context;
                    let _ = context.scale(DENSITY, DENSITY);
                    scene::paint_state(&context, &plan, &view, &opts);
                    let sprites = scene::sprites(&plan, &view, &opts, view.now);
                    scene::paint_motion(&context, &plan, &view, &opts, &sprites);
                }
                let saved = name.clone();
                download::png(name, &canvas, move |done| dispatch.emit(Action::Saved(done.map(|()| saved))));
            }
        }
    }
}

fn canvas(width: f64, height: f64) -> Option<HtmlCanvasElement> {
    let canvas: HtmlCanvasElement = document::document()?.create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width((width * DENSITY).round() as u32);
    canvas.set_height((height * DENSITY).round() as u32);
    Some(canvas)
}
