/// The page on which a person shows a token: one form, readable without scripts and in the dark, with nothing from
/// elsewhere.
struct LoginPage {
    /// Where the browser is sent afterwards.
    let next: LocalPath
    /// Whether a token was shown and opened nothing.
    var isRefused = false
    /// Unforeseeable, and used for this answer alone: the style with this mark is ours.
    let nonce: String

    /// Nothing but our style, no frames, and forms only to ourselves.
    var contentSecurityPolicy: String {
        "default-src 'none'; style-src 'nonce-\(nonce)'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    }

    var html: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>Log in – paddler</title>
        <style nonce="\(nonce)">\(Self.style)</style>
        </head>
        <body>
        <main>
        <h1>paddler</h1>
        \(refusal)<form method="post" action="login">
        <input name="username" autocomplete="username" value="paddler" hidden>
        <label for="token">Management token</label>
        <input id="token" name="token" type="password" autocomplete="current-password" required autofocus\(invalid)>
        <p id="hint">One of the tokens that the balancer was started with: <code>--management-token</code>.</p>
        <input type="hidden" name="next" value="\(Self.escaped(next.text))">
        <button type="submit">Log in</button>
        </form>
        </main>
        </body>
        </html>

        """
    }

    private var refusal: String {
        isRefused ? #"<p id="refusal" role="alert">This is not one of the management tokens.</p>"# + "\n" : ""
    }

    private var invalid: String {
        isRefused ? #" aria-invalid="true" aria-describedby="refusal hint""# : #" aria-describedby="hint""#
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("\"", with: "&quot;").replacing("<", with: "&lt;")
    }

    private static let style = """
        :root { color-scheme: light dark; --text: #1a1a1a; --dim: #555; --ground: #f4f4f2; --card: #fff;
          --edge: #767676; --accent: #0b57a4; --on-accent: #fff; --alert: #a4110b; }
        @media (prefers-color-scheme: dark) {
          :root { --text: #ececec; --dim: #b4b4b4; --ground: #161616; --card: #222; --edge: #8f8f8f;
            --accent: #8cc0f5; --on-accent: #0d1b2a; --alert: #ff9d94; }
        }
        * { box-sizing: border-box; }
        body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;
          background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
        main { width: 100%; max-width: 24rem; padding: 2rem; border-radius: .75rem; background: var(--card); }
        h1 { margin: 0 0 1.5rem; font-size: 1.5rem; }
        label { display: block; font-weight: 600; }
        input[type=password] { width: 100%; padding: .6rem .75rem; margin-top: .25rem; font: inherit; color: inherit;
          background: transparent; border: 1px solid var(--edge); border-radius: .375rem; }
        button { width: 100%; padding: .65rem; font: inherit; font-weight: 600; cursor: pointer; border: 0;
          border-radius: .375rem; background: var(--accent); color: var(--on-accent); }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
        #hint { margin: .5rem 0 1.5rem; font-size: .875rem; color: var(--dim); }
        #refusal { margin: 0 0 1rem; color: var(--alert); font-weight: 600; }
        """
}
