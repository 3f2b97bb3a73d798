//! Mounts the page.

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[cfg(target_arch = "wasm32")]
fn main() {
    // Yew keeps a panic hook that was set before it.
    yew::set_custom_panic_hook(Box::new(playground_web::shell::fatal::report));
    playground_web::course::give_texts();
    let Some(root) = playground_web::shell::document::find("#root") else { return };
    yew::Renderer::<playground_web::components::App>::with_root(root).render();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    eprintln!("The page runs in a browser: cargo xtask play");
}
