# sigmahq.sh - for tests: the public rules in $work, a configuration there with a list for each placeholder, paths in $live.
unpack_sigmahq() {
  work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
  tar xzf $sigma/sigmahq-rules.tar.gz -C "$work"
  live=("$work"/rules "$work"/rules-compliance "$work"/rules-emerging-threats "$work"/rules-placeholder "$work"/rules-threat-hunting)
  grep -rhoE "\|expand: *'?%[A-Za-z0-9_-]+%|^ +- *'%[A-Za-z0-9_-]+%'" "${live[@]}" "$work"/deprecated | grep -oE '%[A-Za-z0-9_-]+%' | tr -d % | sort -u |
    sed -E "s/(.*)/\1: {type: string, values: ['%\1%']}/" >"$work/lists.yml"
  printf 'rules: {lists: [%s/lists.yml]}\n' "$work" >"$work/tocsin.yml"
}
