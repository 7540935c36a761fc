use worker::{Context, Env, Request, Response, Result, event};

#[event(fetch)]
async fn main(_request: Request, _env: Env, _ctx: Context) -> Result<Response> {
    Response::ok("ok")
}
