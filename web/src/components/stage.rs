//! A canvas that fills its box: its size, its density, where a pointer is on it.

use gloo::events::EventListener;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::painter::context;
use crate::decimal::Within;
use crate::scene::paint::brush::Brush;
use crate::scene::paint::canvas::Canvas;
use crate::scene::{Point, geometry};

/// The size of the box that `frame` stands for, measured after every drawing and when the window
/// changes; `None` before the first time.
#[hook]
pub fn use_size(frame: &NodeRef) -> Option<(f64, f64)> {
    let size = use_state(|| None::<(f64, f64)>);
    let measure = {
        let (frame, setter) = (frame.clone(), size.setter());
        move |known: Option<(f64, f64)>| {
            let Some(frame) = frame.cast::<HtmlElement>() else { return };
            let now = (f64::from(frame.client_width()), f64::from(frame.client_height()));
            if now.0 > 0.0 && now.1 > 0.0 && Some(now) != known {
                setter.set(Some(now));
            }
        }
    };
    let known = *size;
    {
        let measure = measure.clone();
        use_effect(move || measure(known));
    }
    use_effect_with((), move |()| {
        let window = crate::shell::document::window();
        let listener = window.map(|window| EventListener::new(&window, "resize", move |_| measure(None)));
        move || drop(listener)
    });
    known
}

/// Does something when what was drawn stands in the page, and again when `what` is another.
#[hook]
pub fn use_after(what: String, run: Box<dyn FnOnce()>) {
    use_effect_with(what, move |_| run());
}

/// Paints on the canvas, `size` px large, at the screen's density.
pub fn paint_on(canvas: &NodeRef, size: (f64, f64), paint: impl FnOnce(&mut dyn Brush)) {
    let ratio = web_sys::window().map_or(1.0, |window| window.device_pixel_ratio()).within(1.0, 3.0);
    let Some(context) = context(canvas, size, ratio) else { return };
    context.clear_rect(0.0, 0.0, size.0, size.1);
    paint(&mut Canvas::new(&context));
}

/// Where a pointer is on the canvas, in px.
pub fn place_on(canvas: &NodeRef, event: &MouseEvent) -> Option<Point> {
    let area = canvas.cast::<HtmlElement>()?.get_bounding_client_rect();
    Some(geometry::at(f64::from(event.client_x()) - area.left(), f64::from(event.client_y()) - area.top()))
}
