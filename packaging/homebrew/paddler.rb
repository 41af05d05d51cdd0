# Scripts/make-formula writes a release's version and checksums into it. The program is in the archives: to build it takes
# Swift, and a while.
class Paddler < Formula
  desc "Stateful load balancer and reverse proxy for llama.cpp servers"
  homepage "https://github.com/OWNER/paddler"
  license "Apache-2.0"

  on_macos do
    depends_on macos: :sequoia

    url "https://github.com/OWNER/paddler/releases/download/v0.1.0/paddler-0.1.0-darwin-universal.tar.gz"
    sha256 "0000000000000000000000000000000000000000000000000000000000000000" # darwin-universal
  end

  on_linux do
    on_intel do
      url "https://github.com/OWNER/paddler/releases/download/v0.1.0/paddler-0.1.0-linux-x86_64.tar.gz"
      sha256 "0000000000000000000000000000000000000000000000000000000000000000" # linux-x86_64
    end
    on_arm do
      url "https://github.com/OWNER/paddler/releases/download/v0.1.0/paddler-0.1.0-linux-aarch64.tar.gz"
      sha256 "0000000000000000000000000000000000000000000000000000000000000000" # linux-aarch64
    end
  end

  def install
    bin.install "bin/paddler"
    man1.install "share/man/man1/paddler.1"
    bash_completion.install "share/bash-completion/completions/paddler"
    zsh_completion.install "share/zsh/site-functions/_paddler"
    fish_completion.install "share/fish/vendor_completions.d/paddler.fish"
    doc.install Dir["share/doc/paddler/*"]

    # Kept over upgrades; without anything in it the balancer serves this machine alone.
    (buildpath/"balancer.yaml").write "# Settings of `brew services start paddler`, as in #{doc}/examples/balancer.yaml\n"
    (etc/"paddler").install "balancer.yaml"
  end

  service do
    run [opt_bin/"paddler", "balancer", "--config", etc/"paddler/balancer.yaml"]
    environment_variables PADDLER_STATE_DIR: var/"lib/paddler"
    keep_alive successful_exit: false
    error_log_path var/"log/paddler/balancer.log"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/paddler --version")
    assert_match "--max-buffered-requests", shell_output("#{bin}/paddler balancer --help")
    assert_match "is not a command", shell_output("#{bin}/paddler balancr 2>&1", 64)
  end
end
