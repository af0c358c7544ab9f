# Sets reaper-automix up in this checkout and brings its actions into REAPER (Windows).
# Options are those of `reaper-automix install`, such as --resource-path FOLDER or --dry-run.
$bootstrap = Join-Path $PSScriptRoot 'bootstrap.py'
if (Get-Command py -ErrorAction SilentlyContinue) {
    foreach ($version in '-3.13', '-3.12', '-3.11') {
        & py $version -c 'pass' 2>$null
        if ($LASTEXITCODE -eq 0) {
            & py $version $bootstrap install @args
            exit $LASTEXITCODE
        }
    }
}
if (Get-Command python -ErrorAction SilentlyContinue) {
    & python $bootstrap install @args # says itself when its version will not do
    exit $LASTEXITCODE
}
[Console]::Error.WriteLine('reaper-automix needs Python 3.11, 3.12 or 3.13: install one from ' +
    'python.org and run this again.')
exit 1
