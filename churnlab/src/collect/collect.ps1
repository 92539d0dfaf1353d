# collect.ps1, printed by churnlab @VERSION@: writes down what a Windows host shows until it refuses connections.
# It reads, with inbox tools only (2008 R2 and later, PowerShell 2 and later), and writes into ONE new folder.
# It changes no setting, stops nothing and sends nothing. Read it first; then, from an ADMINISTRATOR's prompt (HTTPERR,
# bcdedit and some counters are closed to others), in a folder on a drive with room for MaxMegabytes:
#     powershell -NoProfile -ExecutionPolicy Bypass -File collect.ps1        (Bypass holds for this one process)
# Ctrl-C ends it at any time; the folder is complete up to then. Give that folder to: churnlab diagnose FOLDER
param(
    [int]$EverySeconds = 5,       # between counter samples
    [int]$SnapshotSeconds = 60,   # between snapshots of connections and poolmon
    [int]$AfterMinutes = 5,       # to go on after the first refusal
    [int]$Days = 7,               # to run at most
    [int]$MaxMegabytes = 500,     # to use at most: then the oldest snapshots are deleted
    [int]$Keep = 180              # minute snapshots to keep; the first one of every hour is kept apart from these
)
$inv = [Globalization.CultureInfo]::InvariantCulture
function Stamp { [DateTime]::UtcNow.ToString('yyyyMMdd-HHmmss', $inv) + 'Z' }
# The folder: a new one, never one that is there.
$out = Join-Path (Get-Location).ProviderPath ('churnlab-' + $env:COMPUTERNAME + '-' + (Stamp))
if (Test-Path -LiteralPath $out) { throw "$out is there already" }
foreach ($part in '', 'minute', 'hour', 'HTTPERR') {
    [void](New-Item -ItemType Directory -ErrorAction Stop -Path (Join-Path $out $part))
}
function Note([string]$file, [string]$text) { $text | Out-File -Append -Encoding UTF8 -FilePath (Join-Path $out $file) }
# A reading that is missing is written down, so that it is never taken for a zero.
function Gap([string]$what, [string]$why) { Note 'gaps.txt' ((Stamp) + " ${what}: $why") }
# Runs a tool into a file; what it says on its error stream goes to errors.txt.
function Take([string]$file, [string]$tool, [string[]]$with) {
    if (-not (Get-Command $tool -CommandType Application -ErrorAction SilentlyContinue)) {
        Gap $file "$tool is not on this Windows"; return
    }
    $said = & $tool $with 2>&1
    $said | Where-Object { $_ -isnot [Management.Automation.ErrorRecord] } |
        Out-File -Encoding UTF8 -Width 4096 -FilePath (Join-Path $out $file)
    $said | Where-Object { $_ -is [Management.Automation.ErrorRecord] } |
        ForEach-Object { Note 'errors.txt' "${file}: $_" }
    if ($LASTEXITCODE -ne 0) { Gap $file "$tool failed with code $LASTEXITCODE" }
}
# Once: what this host is and how it is set up.
function Describe {
    # Windows, memory, boot time, hotfixes; "since", a hint at the last boot; increaseuserva of 32-bit Windows.
    Take 'systeminfo.txt' 'systeminfo.exe' @()
    Take 'net-statistics.txt' 'net.exe' @('statistics', 'workstation')
    Take 'bcdedit.txt' 'bcdedit.exe' @('/enum')
    # The ports that outgoing connections are taken from.
    foreach ($what in 'dynamicport', 'excludedportrange') {
        Take "$what.txt" 'netsh.exe' @('int', 'ipv4', 'show', $what, 'tcp')
    }
    # TcpTimedWaitDelay; limits of HTTP.sys; size of the pool; what local time is to UTC. Exported, that is, read.
    $keys = @{ 'tcpip' = 'Services\Tcpip\Parameters'; 'http' = 'Services\HTTP\Parameters'
        'memory' = 'Control\Session Manager\Memory Management'; 'timezone' = 'Control\TimeZoneInformation' }
    foreach ($name in $keys.Keys) {
        $key = 'HKLM\SYSTEM\CurrentControlSet\' + $keys[$name]
        & reg.exe 'export' $key (Join-Path $out "$name.reg") 2>&1 | Out-Null
        if ($LASTEXITCODE -ne 0) { Gap "$name.reg" 'not exported: no such key, or no right to read it' }
    }
}
# Counters have other names on Windows of other languages. Perflib pairs each number with its name, once in English
# (009) and once in this language: $local leads from English to here, $english back.
$local = @{}; $english = @{}
function Learn-Names {
    $perflib = 'HKLM:\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Perflib\'
    $pairs = @((Get-ItemProperty ($perflib + '009')).Counter)
    $here = @{}
    $own = @((Get-ItemProperty ($perflib + 'CurrentLanguage') -ErrorAction SilentlyContinue).Counter)
    for ($i = 0; $i + 1 -lt $own.Count; $i += 2) { $here[$own[$i]] = $own[$i + 1] }
    for ($i = 0; $i + 1 -lt $pairs.Count; $i += 2) {
        $name = $here[$pairs[$i]]
        if ($name -and -not $local[$pairs[$i + 1]]) { $local[$pairs[$i + 1]] = $name; $english[$name] = $pairs[$i + 1] }
    }
}
function Translate($names, [string]$name) { if ($names.ContainsKey($name)) { $names[$name] } else { $name } }
# Each counter is tried alone: one that is missing may fail them all.
function Find-Counters {
    $wanted = @()
    foreach ($c in 'Pool Nonpaged Bytes', 'Pool Paged Bytes', 'Free System Page Table Entries', 'Available Bytes',
        'Committed Bytes', 'Commit Limit') { $wanted += , @('Memory', '', $c) }
    foreach ($c in 's Active', 's Established', 's Passive', 's Reset', ' Failures') {
        $wanted += @('TCPv4', '', "Connection$c"), @('TCPv6', '', "Connection$c") }
    foreach ($c in 'CurrentQueueSize', 'RejectedRequests') { $wanted += , @('HTTP Service Request Queues', '(*)', $c) }
    foreach ($c in 'Current Connections', 'Total Connection Attempts (all instances)') {
        $wanted += , @('Web Service', '(_Total)', $c) }
    $wanted += , @('System', '', 'System Up Time')
    foreach ($w in $wanted) {
        $path = '\' + (Translate $local $w[0]) + $w[1] + '\' + (Translate $local $w[2])
        if (Get-Counter -Counter $path -ErrorAction SilentlyContinue) { $path } else { Gap 'counter' "no $path" }
    }
}
# One sample as a PDH-CSV row in UTC with English names; a new header whenever the instances change.
function Sample($paths) {
    $set = Get-Counter -Counter $paths -ErrorAction SilentlyContinue
    if (-not $set) { Gap 'counters' 'Get-Counter gave nothing'; return }
    $head = '"(PDH-CSV 4.0) (UTC)(0)"'
    $row = '"' + $set.Timestamp.ToUniversalTime().ToString('MM\/dd\/yyyy HH\:mm\:ss.fff', $inv) + '"'
    foreach ($s in $set.CounterSamples) {
        if ($s.Path -match '^\\\\([^\\]+)\\(.+?)(\(.*\))?\\([^\\]+)$') {
            $head += ',"\\' + $matches[1] + '\' + (Translate $english $matches[2]) + $matches[3] + '\' +
                (Translate $english $matches[4]) + '"'
            $row += ',"' + $(if ($s.Status -eq 0) { $s.CookedValue.ToString('R', $inv) }) + '"'
        }
    }
    $file = 'counters-' + (Stamp).Substring(0, 8) + '.csv'
    if ($head -ne $script:header -or -not (Test-Path -LiteralPath (Join-Path $out $file))) { Note $file $head }
    $script:header = $head
    Note $file $row
}
# Every minute: who is connected, who holds the pool (poolmon /n writes one snapshot and ends).
$script:slow = -not (Get-Command Get-NetTCPConnection -ErrorAction SilentlyContinue)
function Snapshot([string]$where, [string]$stamp) {
    if (-not $script:slow) {
        # It knows BOUND, which netstat lacks, but is slow with many connections: then netstat is taken instead.
        $watch = [Diagnostics.Stopwatch]::StartNew()
        Get-NetTCPConnection -ErrorAction SilentlyContinue |
            Select-Object LocalAddress, LocalPort, RemoteAddress, RemotePort, State, OwningProcess |
            Export-Csv -NoTypeInformation -Encoding UTF8 -Path (Join-Path $out "$where\$stamp-tcp.csv")
        $script:slow = $watch.Elapsed.TotalSeconds -gt 10
        if ($script:slow) { Gap 'Get-NetTCPConnection' 'took over 10 s: netstat from now on' }
    } else { Take "$where\$stamp-netstat.txt" 'netstat.exe' @('-ano') }
    if ($script:poolmon) {
        & poolmon.exe '/n' (Join-Path $out "$where\$stamp-poolmon.txt") | Out-Null
        if (-not (Test-Path -LiteralPath (Join-Path $out "$where\$stamp-poolmon.txt"))) { Gap 'poolmon' 'no snapshot' }
    }
}
# Every hour and at the end: TCP's totals since boot, processes with their handles, HTTP.sys' queues, events: ports full
# (4231 4227), pool empty (2019 2020), pools off line (5002), commit (2004), boots (6005 6006 6008 1074), drivers (7045)
function Hourly([string]$stamp) {
    Take "hour\$stamp-netstat-s.txt" 'netstat.exe' @('-s')
    Take "hour\$stamp-tasklist.csv" 'tasklist.exe' @('/fo', 'csv')
    Get-Process | Select-Object Id, ProcessName, HandleCount, NonpagedSystemMemorySize64 |
        Export-Csv -NoTypeInformation -Encoding UTF8 -Path (Join-Path $out "hour\$stamp-handles.csv")
    Take "hour\$stamp-servicestate.txt" 'netsh.exe' @('http', 'show', 'servicestate')
    $ids = (4227, 4231, 2019, 2020, 5002, 2004, 6005, 6006, 6008, 1074, 7045 | % { "EventID=$_" }) -join ' or '
    Take 'events.xml' 'wevtutil.exe' @('qe', 'System', "/q:*[System[($ids)]]", '/f:xml', '/e:Events', '/rd:true')
}
# Copies the newest logs, by creation (the last write of an open file is not kept), and tells of the latest refusal
# in them. HTTPERR is in UTC; rows from before the start are old refusals, not what is waited for.
function Copy-Logs([int]$newest) {
    Get-ChildItem (Join-Path $logs 'httperr*.log') -ErrorAction SilentlyContinue |
        Sort-Object CreationTimeUtc -Descending | Select-Object -First $newest | ForEach-Object {
            $copy = Join-Path $out ('HTTPERR\' + $_.Name)
            Copy-Item -LiteralPath $_.FullName -Destination $copy -ErrorAction SilentlyContinue
            if (-not $?) { Gap 'HTTPERR' "$($_.Name) could not be copied" }
            Select-String -Path $copy -Pattern 'Connections_Refused' -ErrorAction SilentlyContinue |
                Where-Object { [string]::CompareOrdinal($_.Line, $since) -ge 0 } | Select-Object -Last 1 |
                ForEach-Object { $script:refused = $_.Line }
        }
}
# Minute snapshots beyond Keep go first; then, beyond MaxMegabytes, the oldest of minute, of hour, of HTTPERR.
function Trim {
    $files = { Get-ChildItem (Join-Path $out $args[0]) | Where-Object { -not $_.PSIsContainer } }
    $old = @(& $files 'minute' | Sort-Object Name -Descending | Select-Object -Skip (2 * $Keep))
    $all = @('minute', 'hour', 'HTTPERR' | ForEach-Object { & $files $_ | Sort-Object LastWriteTimeUtc })
    $used = (@($all) + @(& $files '') | Measure-Object -Property Length -Sum).Sum
    foreach ($f in $all) { if ($used -gt 1MB * $MaxMegabytes) { $old += $f; $used -= $f.Length } }
    foreach ($f in $old) { Remove-Item -LiteralPath $f.FullName -ErrorAction SilentlyContinue }
    $used -le 1MB * $MaxMegabytes
}
$since = [DateTime]::UtcNow.ToString('yyyy-MM-dd HH\:mm\:ss', $inv)
$script:refused = $null; $told = $false; $stop = [DateTime]::UtcNow.AddDays($Days)
$why = 'Ctrl-C'; $end = "$Days days are over"
$http = 'HKLM:\SYSTEM\CurrentControlSet\Services\HTTP\Parameters'
$logs = (Get-ItemProperty $http -ErrorAction SilentlyContinue).ErrorLoggingDir
if (-not $logs) { $logs = Join-Path $env:SystemRoot 'System32\LogFiles' }
$logs = Join-Path $logs 'HTTPERR'
foreach ($part in 'gaps', 'errors') { Note "$part.txt" "churnlab collect: $part, which README.txt explains" }
Note 'README.txt' @"
churnlab collect: captures of $($env:COMPUTERNAME), begun $(Stamp). This whole folder goes to: churnlab diagnose FOLDER
It holds host names, addresses and URLs: churnlab diagnose --redact hides them. HTTPERR: HTTP.sys' error logs.
minute: connections, and poolmon where it is there, of the latest hours. hour: the same once an hour, netstat -s,
tasklist, handles, HTTP.sys queues. events: of the System log. counters: memory, TCP, queues, every $EverySeconds s.
*.reg: settings, exported. systeminfo, bcdedit, dynamicport, net-statistics: what this host is.
IIS' own logs are large and not copied: give those of the day beside this folder (503 and its sub-status).
gaps.txt: what could not be read, when and why. errors.txt: what the tools said about it.
"@
Write-Host "Writing to $out. Ctrl-C ends it, as do $AfterMinutes minutes after the first refusal, or $Days days."
if (-not (Test-Path (Join-Path $logs 'httperr*.log'))) { Gap 'HTTPERR' "no log in ${logs}: not an administrator?" }
$script:poolmon = Get-Command poolmon.exe -ErrorAction SilentlyContinue
if (-not $script:poolmon) { Gap 'poolmon' 'not on PATH; from the WDK, folder Tools' }
try {
    Copy-Logs 20; Describe; Learn-Names; $paths = @(Find-Counters)
    $due = [DateTime]::UtcNow; $next = $due; $hour = -1
    while ([DateTime]::UtcNow -lt $stop) {
        $now = [DateTime]::UtcNow
        if ([Math]::Abs(($now - $next).TotalSeconds) -gt $EverySeconds) {
            Gap 'sample' 'late, or the clock was changed'; $next = $now
        }
        if ($now -ge $due -or ($due - $now).TotalSeconds -gt $SnapshotSeconds) {
            $where = 'minute'; if ($now.Hour -ne $hour) { $where = 'hour'; $hour = $now.Hour }
            $due = $now.AddSeconds($SnapshotSeconds); Snapshot $where (Stamp); Copy-Logs 2
            if ($where -eq 'hour') { Hourly (Stamp) }
            if ($script:refused -and -not $told) {
                $told = $true; $stop = $now.AddMinutes($AfterMinutes)
                $end = "$AfterMinutes minutes have passed since the first refusal"
                Note 'README.txt' "$(Stamp) refusals seen; latest row $($script:refused)"
            }
            if (-not (Trim)) { $end = 'MaxMegabytes is reached'; break }
        }
        if ($paths) { Sample $paths }
        $next = $next.AddSeconds($EverySeconds); $left = ($next - [DateTime]::UtcNow).TotalMilliseconds
        if ($left -gt 0) { Start-Sleep -Milliseconds ([Math]::Min($left, 1000 * $EverySeconds)) }
    }
    $why = $end
} finally {
    Copy-Logs 3; Hourly (Stamp)   # after Ctrl-C as well
    Note 'README.txt' "$(Stamp) ended: $why"
    Write-Host "Ended: $why. Now: churnlab diagnose `"$out`""
}
