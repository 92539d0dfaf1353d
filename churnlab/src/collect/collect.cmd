@echo off
rem collect.cmd, printed by churnlab @VERSION@: writes down what a Windows host shows until it refuses connections.
rem It reads, with inbox tools only (Windows 2000 to today), and writes into ONE new folder below the current one.
rem It changes no setting, stops nothing and sends nothing. Read it first; then run it from an ADMINISTRATOR's prompt
rem (HTTPERR, bcdedit and some counters are closed to others), in a folder on a drive with room for MAXMB.
rem Ctrl-C ends it at any time; the folder is complete up to then. Give that folder to: churnlab diagnose FOLDER
setlocal enableextensions
rem ---- What may be changed here ----
rem EVERY: seconds between counter samples. SNAP: seconds between snapshots of netstat and poolmon.
rem AFTER: minutes to go on after the first refusal. DAYS, MAXMB: days to run, megabytes to use, at most.
rem KEEP: minute snapshots to keep (180 = three hours); the first one of every hour is kept apart from these.
set /a EVERY=5, SNAP=60, AFTER=5, DAYS=7, MAXMB=500, KEEP=180
rem The folder: a new one, never one that is there.
set OUT=
for /l %%n in (99,-1,1) do if not exist "churnlab-%COMPUTERNAME%-%%n" set "OUT=%CD%\churnlab-%COMPUTERNAME%-%%n"
if not defined OUT (echo There are 99 folders churnlab-%COMPUTERNAME%-N here: move them away.& exit /b 1)
mkdir "%OUT%" "%OUT%\minute" "%OUT%\hour" "%OUT%\HTTPERR"
if not exist "%OUT%\HTTPERR" exit /b 1
rem cmd knows no UTC; these lines of JScript do, in every language (kept in the folder, deleted at the end).
> "%OUT%\utc.js" echo function p(n) { return ('0' + n).slice(-2) }
>> "%OUT%\utc.js" echo var d = new Date(), day = d.getUTCFullYear() + p(d.getUTCMonth() + 1) + p(d.getUTCDate())
>> "%OUT%\utc.js" echo WScript.Echo(day + '-' + p(d.getUTCHours()) + p(d.getUTCMinutes()) + p(d.getUTCSeconds()) + 'Z')
call :clock
if not defined STAMP (echo cscript, which tells UTC, is forbidden here: use collect.ps1.& exit /b 1)
set /a END=NOW+DAYS*86400, STOPAT=END+1, LASTHOUR=-1, TURNS=DAYS*86400/SNAP, MAXKB=MAXMB*1024, KEEPFILES=KEEP*2
rem HTTPERR is in UTC as well: rows from before this moment are old refusals, not what is waited for.
set SINCE=%STAMP:~0,4%-%STAMP:~4,2%-%STAMP:~6,2% %STAMP:~9,2%:%STAMP:~11,2%:%STAMP:~13,2%
set REFUSED=
echo Writing to "%OUT%". Ctrl-C ends it, as do %AFTER% minutes after the first refusal, or %DAYS% days.
call :readme > "%OUT%\README.txt"
for %%k in (gaps errors) do > "%OUT%\%%k.txt" echo churnlab collect: %%k, which README.txt explains
call :once
call :clock
set DUE=%NOW%
rem ---- One turn: snapshots, then counters until the next snapshots are due ----
:turn
set /a TURNS-=1
set WHY=the bound of %DAYS% days or %MAXMB% megabytes is reached
if %TURNS% LSS 0 goto finish
call :clock
rem A host out of memory may be unable to start a process: that, too, is worth a line.
if not defined STAMP (call :gap snapshots "none: no process starts?"& ping -n %SNAP% 127.0.0.1 > nul& goto turn)
if %NOW% GEQ %END% goto finish
if %NOW% GEQ %STOPAT% (set WHY=%AFTER% minutes have passed since the first refusal& goto finish)
set /a LATE=NOW-DUE, DUE=NOW+SNAP, HOUR=NOW/3600
if %LATE% GTR %EVERY% call :gap snapshots "%LATE% s late: the host was busy or asleep, or its clock was changed"
set WHERE=minute
if not %HOUR%==%LASTHOUR% (set /a LASTHOUR=HOUR& set WHERE=hour)
call :snapshot
if %WHERE%==hour call :hourly
call :httperr 2
if defined REFUSED if %STOPAT% GTR %END% (set /a STOPAT=NOW+AFTER*60& call :say "Refusals seen; latest row %REFUSED%")
call :trim
call :sample
goto turn
:finish
call :hourly
call :httperr 3
call :say "Ended: %WHY%"
del "%OUT%\utc.js"
exit /b 0
rem ---- Counters: typeperf (XP and later) writes PDH-CSV, local time with the bias in its header ----
:sample
call :clock
set /a LEFT=DUE-NOW
if %LEFT% GTR %SNAP% (call :gap clock "went back"& set /a LEFT=SNAP, DUE=NOW+SNAP)
set /a COUNT=LEFT/EVERY
if %COUNT% LSS 1 (call :gap counters "none in this turn: the snapshots took all its time"& goto rest)
if not exist "%OUT%\counters.txt" goto rest
typeperf -cf "%OUT%\counters.txt" -si %EVERY% -sc %COUNT% -f CSV -o "%OUT%\part.csv" -y > nul 2>> "%OUT%\errors.txt"
if not exist "%OUT%\part.csv" (call :gap counters "none in this turn: typeperf failed"& goto rest)
rem One file per day; every part brings its own header, so that instances may come and go.
type "%OUT%\part.csv" >> "%OUT%\counters-%WHEN:~0,8%.csv"
del "%OUT%\part.csv"
:rest
call :clock
set /a LEFT=DUE-NOW+1
if %LEFT% GTR 1 ping -n %LEFT% 127.0.0.1 > nul
goto :eof
rem ---- Every minute: who is connected (-o: by which process; not in 2000, 5.00), who holds the pool ----
:snapshot
set DO=netstat -ano
ver | find " 5.00." > nul && set DO=netstat -an
call :take netstat "%WHERE%\%STAMP%-netstat.txt"
if not defined POOLMON goto :eof
poolmon /n "%OUT%\%WHERE%\%STAMP%-poolmon.txt" > nul 2>> "%OUT%\errors.txt"
if not exist "%OUT%\%WHERE%\%STAMP%-poolmon.txt" call :gap poolmon "wrote no snapshot"
goto :eof
rem ---- Every hour and at the end: TCP's totals since boot, processes, their handles, HTTP.sys' queues, events ----
:hourly
set DO=netstat -s& call :take netstat "hour\%STAMP%-netstat-s.txt"
rem -q: ports that are bound and lead nowhere, a leak that no other list shows (Windows 8, Server 2012 and later).
set DO=netstat -anoq& if not defined OLD call :take netstat "hour\%STAMP%-netstat-q.txt"
set DO=tasklist /fo csv& call :take tasklist "hour\%STAMP%-tasklist.csv"
rem Into a file (-o) typeperf writes the time zone as well, which it leaves out on the screen.
set EACH="\Process(*)\Handle Count" "\Process(*)\Pool Nonpaged Bytes" "\Process(*)\ID Process"
typeperf -sc 1 %EACH% -f CSV -o "%OUT%\hour\%STAMP%-handles.csv" -y > nul 2>> "%OUT%\errors.txt"
if not exist "%OUT%\hour\%STAMP%-handles.csv" call :gap handles "typeperf failed, or is not on this Windows"
set DO=netsh http show servicestate& call :take netsh "hour\%STAMP%-servicestate.txt"
rem Outgoing ports full or colliding (4231 4227), pool empty (2019 2020), pools off line (5002; before Vista 1002),
rem commit short (2004), boots (6005 6006 6008 1074), services and drivers installed (7045). XML keeps UTC. XP and 2003
rem have eventquery.vbs: one number at a time, local time.
set IDS=
for %%i in (4231 2019 2020 5002 2004 6005 6006 6008 1074 7045) do call set IDS=%%IDS%% or EventID=%%i
set DO=wevtutil qe System "/q:*[System[(EventID=4227%IDS%)]]" /f:xml /e:Events /c:5000 /rd:true
set VBS=%SystemRoot%\System32\eventquery.vbs
if not exist "%VBS%" (call :take wevtutil events.xml& goto :eof)
if exist "%OUT%\events.csv" del "%OUT%\events.csv"
for %%i in (4227 2019 2020 1002 6005 6006 6008 1074) do (
    cscript //nologo "%VBS%" /l System /fi "ID eq %%i" /fo csv /v >> "%OUT%\events.csv" 2>> "%OUT%\errors.txt")
goto :eof
rem ---- HTTPERR: copies the newest %1 logs, by creation (the last write of an open file is not kept) ----
:httperr
set LEFT=%1
for /f "delims=" %%f in ('dir /b /a-d /tc /o-d "%LOGS%\httperr*.log" 2^> nul') do call :copylog "%%f"
goto :eof
:copylog
if %LEFT% LEQ 0 goto :eof
set /a LEFT-=1
copy /y "%LOGS%\%~1" "%OUT%\HTTPERR\" > nul 2>> "%OUT%\errors.txt" || call :gap HTTPERR "%~1 could not be copied"
set LAST=
for /f "tokens=1,2" %%a in ('type "%OUT%\HTTPERR\%~1" ^| find /i "Connections_Refused"') do set LAST=%%a %%b
if "%LAST:~4,1%%LAST:~13,1%"=="-:" if "%LAST%" GEQ "%SINCE%" set REFUSED=%LAST%
goto :eof
rem ---- Once: what this host is and how it is set up; first of all whether HTTP.sys logs elsewhere ----
:once
set OLD=
for %%v in (" 5." " 6.0." " 6.1.") do ver | find %%v > nul && set OLD=1
set LOGS=%SystemRoot%\System32\LogFiles\HTTPERR
set KEY=HKLM\SYSTEM\CurrentControlSet\Services
set DO=reg query %KEY%\HTTP\Parameters /v ErrorLoggingDir
for /f "tokens=2*" %%a in ('%DO% 2^> nul ^| find "REG_"') do set "LOGS=%%b\HTTPERR"
if not exist "%LOGS%\*.log" call :gap HTTPERR "no log in %LOGS%: not an administrator, or no HTTP.sys"
call :httperr 20
rem Windows, memory, boot time, hotfixes (XP and later); "since", a hint at the last boot, on every Windows.
set DO=systeminfo& call :take systeminfo systeminfo.txt
set DO=net statistics workstation& call :take net net-statistics.txt
rem /3GB halves the non-paged pool of 32-bit Windows: in boot.ini before Vista, in bcdedit since.
if exist %SystemDrive%\boot.ini type %SystemDrive%\boot.ini > "%OUT%\boot-ini.txt" 2>> "%OUT%\errors.txt"
set DO=bcdedit /enum& if not exist %SystemDrive%\boot.ini call :take bcdedit bcdedit.txt
rem The ports that outgoing connections are taken from (Vista and later; before: MaxUserPort in tcpip.reg).
set DO=netsh int ipv4 show dynamicport tcp& call :take netsh dynamicport.txt
set DO=netsh int ipv4 show excludedportrange tcp& call :take netsh excludedportrange.txt
rem TcpTimedWaitDelay, MaxUserPort; limits of HTTP.sys; size of the pool; what local time is to UTC.
set KEY=SYSTEM\CurrentControlSet
for %%k in (Tcpip HTTP) do call :regfile "%KEY%\Services\%%k\Parameters" %%k.reg
for %%k in ("Session Manager\Memory Management" TimeZoneInformation) do call :regfile "%KEY%\Control\%%~k" "%%~nk.reg"
for %%i in (poolmon.exe) do set POOLMON=%%~$PATH:i
if not defined POOLMON call :gap poolmon "not on PATH; from the WDK (2000 to 2003: Support\Tools of the Windows CD)"
rem Each counter is tried alone: one that is missing, or has another name in this language, may fail them all.
for %%c in ("Pool Nonpaged" "Pool Paged" Available Committed) do call :counter "\Memory\%%~c Bytes"
for %%c in ("Free System Page Table Entries" "Commit Limit") do call :counter "\Memory\%%~c"
for %%v in (TCPv4 TCPv6) do for %%c in (Active Established Passive Reset) do call :counter "\%%v\Connections %%c"
for %%v in (TCPv4 TCPv6) do call :counter "\%%v\Connection Failures"
for %%c in (CurrentQueueSize RejectedRequests) do call :counter "\HTTP Service Request Queues(*)\%%c"
call :counter "\Web Service(_Total)\Current Connections"
call :counter "\Web Service(_Total)\Total Connection Attempts (all instances)"
call :counter "\System\System Up Time"
goto :eof
:counter
typeperf -sc 1 %1 2> nul | find "(PDH-CSV" > nul || (call :gap "counter missing, or its English name" %1& goto :eof)
>> "%OUT%\counters.txt" echo %~1
goto :eof
:regfile
rem reg is inbox since XP; regedit /e, which exports, before.
for %%i in (reg.exe) do if "%%~$PATH:i"=="" start /wait regedit /e "%OUT%\%~2" "HKEY_LOCAL_MACHINE\%~1"
if not exist "%OUT%\%~2" reg export "HKLM\%~1" "%OUT%\%~2" > nul 2>> "%OUT%\errors.txt"
if not exist "%OUT%\%~2" call :gap %2 "not exported: no such key, or no right to read it"
goto :eof
rem ---- Helpers. A missing reading is written down, lest it be taken for zero. clock: STAMP is UTC, NOW in seconds ----
:say
echo %~1
>> "%OUT%\README.txt" echo %WHEN% %~1
goto :eof
:gap
>> "%OUT%\gaps.txt" echo %WHEN% %~1: %~2
goto :eof
:take
for %%i in (%1.exe) do set HAVE=%%~$PATH:i
if not defined HAVE call :gap %2 "%1 is not on this Windows"
if defined HAVE %DO% > "%OUT%\%~2" 2>> "%OUT%\errors.txt" || call :gap %2 "%1 failed: not on this Windows, or no right"
goto :eof
:clock
set STAMP=
for /f %%a in ('cscript //nologo //e:jscript "%OUT%\utc.js" 2^> nul') do set STAMP=%%a
if not "%STAMP:~15,1%"=="Z" (set STAMP=& goto :eof)
set WHEN=%STAMP%
set /a M=1%STAMP:~4,2%-100, A=(14-M)/12, Y=%STAMP:~0,4%-A, M=M+12*A-3, H=1%STAMP:~9,2%-100, I=1%STAMP:~11,2%-100
set /a NOW=1%STAMP:~6,2%-100+(153*M+2)/5+365*Y+Y/4-Y/100+Y/400-730000, NOW=NOW*86400+H*3600+I*60+1%STAMP:~13,2%-100
goto :eof
:trim
rem Minute snapshots beyond KEEP go first; then, beyond MAXMB, the oldest of minute, of hour, of HTTPERR.
for /f "skip=%KEEPFILES% delims=" %%f in ('dir /b /o-n "%OUT%\minute" 2^> nul') do del "%OUT%\minute\%%f"
set KB=0
for /r "%OUT%" %%f in (*) do set /a KB+=(%%~zf+1023)/1024
if %KB% LEQ %MAXKB% goto :eof
set OLD=
for %%d in (HTTPERR hour minute) do for /f "delims=" %%f in ('dir /b /o-d "%OUT%\%%d" 2^> nul') do set OLD=%%d\%%f
if not defined OLD (set END=0& goto :eof)
del "%OUT%\%OLD%"
goto trim
:readme
echo churnlab collect: captures of %COMPUTERNAME%, begun %STAMP%. This whole folder goes to: churnlab diagnose FOLDER
echo It holds host names, addresses and URLs: churnlab diagnose --redact hides them. HTTPERR: HTTP.sys' error logs.
echo minute: netstat, and poolmon where it is there, of the latest hours. hour: the same once an hour, netstat -s,
echo tasklist, handles, HTTP.sys queues. events: of the System log. counters: memory, TCP, queues, every %EVERY% s.
echo *.reg: settings, exported. systeminfo, bcdedit or boot-ini, dynamicport, net-statistics: what this host is.
echo IIS' own logs are large and not copied: give those of the day beside this folder (503 and its sub-status).
echo gaps.txt: what could not be read, when and why. errors.txt: what the tools said about it.
goto :eof
