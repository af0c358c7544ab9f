"""What the words of track names say: rows of words for every sign that :mod:`.names` reads.

**Conventions**: ``_`` stands between the words of a phrase; accents, case and punctuation do not
count, and numbers stand by themselves (``B3`` is ``b 3``). Plurals in *s* need no row of their own.
From general knowledge of how studios write, in English, German, French, Spanish, Italian,
Portuguese, Russian, Chinese, Japanese, and a little Dutch, Swedish, Polish and Korean.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Sign = Literal[
    "kick",
    "snare",
    "tom",
    "hat",
    "cymbal",
    "overhead",
    "room",
    "kit",
    "loop",
    "percussion",
    "bell",
    "bass",
    "sub",
    "guitar",
    "acoustic",
    "electric",
    "acoustic guitar",
    "electric guitar",
    "amp",
    "solo",
    "rhythm",
    "piano",
    "keys",
    "organ",
    "synth",
    "pad",
    "strings",
    "brass",
    "woodwind",
    "vocal",
    "lead vocal",
    "lead",
    "back",
    "choir",
    "register",
    "reverb",
    "place",
    "sfx",
    "bus",
    "click",
    "print",
    "other",
    "plain",
]
"""What a word can say. "plain" words say nothing about the role: microphones, sides, takes."""

WORDS: Mapping[Sign, str] = {
    # Drums
    "kick": """
        kick kik kck kic kk kd kdrum bd bass_drum bassdrum bass_drm kick_drum kickdrum bombo
        grosse_caisse gc grosse_trommel gran_cassa cassa bumbo zabumba big_drum kicker subkick
        grancassa fusstrommel basstrommel grote_trom bastrumma stopa centrala
        бочка бас_бочка бас_барабан кик большой_барабан
        底鼓 大鼓 地鼓 低音鼓 大军鼓 キック バスドラ バスドラム 킥 킥드럼
    """,
    "snare": """
        snare snr snre sn sd snar sna snaredrum snare_drum side_drum caja redoblante tarola
        caisse_claire cc kleine_trommel rullante tamburo_rullante caixa tarol kleine_trom virveltrumma
        werbel rimshot rim_shot rim sidestick side_stick cross_stick xstick rimclick rim_click
        малый_барабан малый рабочий рабочий_барабан снейр снэйр снер
        军鼓 軍鼓 小鼓 小军鼓 小軍鼓 スネア スネアドラム リムショット 스네어
    """,
    "tom": """
        tom tm floor_tom floortom flr_tom fl_tom rack_tom racktom rk_tom rt_tom ft floor flr rack
        hi_tom high_tom lo_tom low_tom mid_tom tomtom tom_tom standtom hangetom stand_tom hange_tom
        timbalao goliath goliat surdo_de_chao tom_basse tom_medium tom_aigu tom_grave tom_de_piso
        том томы альт_том флор_том напольный_том
        通鼓 嗵鼓 桶鼓 落地鼓 落地桶 落地桶鼓 地桶 タム フロアタム ハイタム ロータム 탐 탐탐 플로어탐
    """,
    "hat": """
        hat hh hihat hi_hat high_hat hihats hats h_h h_hat hhat hht htt chh ohh pedal_hat
        closed_hat open_hat charleston charley charleys contratempo chimbal hayhat hajhat
        hihat_closed hihat_open
        хайхэт хай_хэт хэт хет хайхет хай_хет
        踩镲 踩鑔 脚踏镲 开镲 闭镲 ハイハット ハット 하이햇
    """,
    "cymbal": """
        ride rd crash crsh cr china splash cymbal cym cymb becken crashbecken ridebecken cymbale
        platillo piatto piatti prato prato_de_conducao bell_ride ride_bell trash_cymbal sizzle
        cymbaler bekken blacha talerz
        райд крэш креш сплэш чайна тарелка тарелки
        吊镲 吊鑔 碎音镲 叮叮镲 强音镲 节奏镲 镲 鑔 镲片 水镲 ライド クラッシュ シンバル チャイナ スプラッシュ
        라이드 크래쉬 크래시 심벌
    """,
    "overhead": """
        overhead oh ohs ovh ovhd ovrhd ohd ovh_d over_head o_h over overs overheads drum_overhead
        uberkopf galgen aereos aereo aerien aeriens panoramiche panoramici panoramica
        оверхед оверхэд оверхеды оверы оверхэды
        顶置 顶麦 吊顶 吊麦 オーバーヘッド トップマイク 오버헤드
    """,
    "room": """
        room rm roommic rooms drm_room ambience ambient amb ambi far_mic raum raummikro sala
        salle ambiance piece ambiente ambiental stanza raummikrofon ruimte rum
        комната рум эмбиент
        房间 房間 环境 環境 ルーム アンビエンス 룸 crush_mic trash_mic knee_mic crotch_mic front_of_kit fok
        mono_drum_mic drum_mono_mic
    """,
    "kit": """
        drum drm drms dr kit drumkit drum_kit drumset drum_set schlagzeug bateria batteria batterie
        batt trommel trommeln drum_machine drummachine drumcomputer ezdrummer superior_drummer beat
        beats groove slagwerk trummor perkusja drumloop drum_loop break breakbeat amen tr_808 tr_909
        909 linndrum mpc drumkits edrums e_drums v_drums edrum
        барабаны ударные ударная_установка установка бит
        鼓组 鼓組 架子鼓 爵士鼓 套鼓 鼓 鼓机 ドラム ドラムス ドラムセット ドラムマシン 드럼 드럼셋
    """,
    "loop": "loop lp_loop looped boucle bucle schleife луп петля 循环 循環 ループ 루프",
    # Percussion
    "percussion": """
        perc percussion percs prc perk perkussion perc_loop percussao percusion percussioni
        percussione percussoes slagverk perkusyjne
        conga bongo shaker shkr shk shak tambourine tamb tambo tmb tambor tambourin tamburin tamborim
        tamburello pandero pandereta pandeiro pandeirola cowbell cow_bell clap handclap hand_clap clp
        snap fingersnap finger_snap fingersnaps guiro cabasa maraca clave triangle triangel triangolo
        triangulo woodblock wood_block block_wood templeblock temple_block timbale timbal timbales
        timpani timp kettle_drum kettledrum pauke pauken djembe cajon tabla darbuka
        darbouka doumbek udu cuica surdo agogo chime windchime wind_chime bar_chime mark_tree stomp
        foot_stomp gong tamtam tam_tam rainstick rain_stick vibraslap castanet castagnette kastagnetten
        taiko bodhran washboard sleigh_bell sleighbell jingle jingle_bell marimba xylophone xylo
        xylofon xylophon vibraphone vibraphon vibrafono vibrafon vibes vibe glockenspiel glock gloc
        crotales tubular_bell tubular hang_drum handpan hand_pan steel_drum steeldrum steel_pan kalimba
        mbira thumb_piano beatbox beat_box beatboxing vocal_percussion hand_drum frame_drum palmas
        palmada palmas claquement klatschen klatsch schellenkranz schelle rassel glocke kuhglocke caxixi
        egg_shaker ganza chocalho repinique repique bata tumba tumbadora quinto toms_perc ratchet
        flexatone waterphone cymbal_roll ensemble_perc handclaps rattle log_drum slit_drum dhol dholak
        mridangam rototom roto_tom octoban carillon
        перкуссия бубен шейкер конги бонго маракасы хлопки колокольчик ковбелл кахон джембе тамбурин
        треугольник вибрафон ксилофон маримба литавры щелчки_пальцами
        打击乐 打擊樂 沙锤 沙槌 沙鈴 沙铃 铃鼓 鈴鼓 拍手 牛铃 牛鈴 三角铁 三角鐵 康加鼓 康加 邦戈 邦戈鼓 手鼓 箱鼓
        木鱼 定音鼓 马林巴 颤音琴 钟琴 木琴 响指 パーカッション コンガ ボンゴ シェイカー シェーカー タンバリン
        クラップ ハンドクラップ カホン カウベル マリンバ ティンパニ トライアングル 手拍子 퍼커션 쉐이커 탬버린 박수
    """,
    "bell": "bell glockchen campana campane cloche sino колокола колокол 铃 钟 ベル 벨",
    # Bass
    "bass": """
        bass bs bss bas bassguitar bass_guitar bass_gtr bassgitarre bass_git e_bass ebass basse basso
        bajo baixo contrabass contrabasso contrabajo contrabaixo contrebasse kontrabass double_bass
        doublebass dbl_bass upright_bass uprightbass upr_bass string_bass stand_up_bass standup_bass
        acoustic_bass ac_bass fretless fretless_bass slap_bass slapbass p_bass pbass j_bass jbass
        jazz_bass precision_bass synth_bass synthbass syn_bass bass_synth sub_bass subbass moog_bass
        bassline bass_line bs_line basslinie ampeg svt darkglass b_gtr bgtr bass_di 808 808s 808_bass
        reese wobble wobble_bass acid_bass 303 tb_303 tb303 hofner basgitaar bas_gitaar basgitara
        bas_guitar elbas basgitarr bajos baixos bassi kontrabas contrabas walking_bass bass_fiddle
        бас басуха бас_гитара басгитара контрабас
        贝斯 贝司 貝斯 低音吉他 电贝斯 電貝斯 低音提琴 倍大提琴 低音大提琴 合成贝斯 贝斯吉他
        ベース エレキベース エレクトリックベース シンセベース ウッドベース コントラバス 베이스
    """,
    "sub": "sub subs саб 低频",
    # Guitars
    "guitar": """
        guitar gtr gt guit gtar gitar git gitarre guitare guitarra chitarra gitaar
        gitarr gitara gita chit guita guitarre gutiar gtrs gits guitares guitarras chitarre gitarren
        riff riffs power_chord powerchord power_chords palm_mute palm_muted strum strumming 6_string
        гитара гитары гит гитар
        吉他 結他 结他 ギター 기타
    """,
    "acoustic": """
        acoustic acou acous aco ac acst acus akustik akustisch akustische acoustique acustica acustico
        akoestisch akustyczna akustisk unplugged
        акустика акустическая акуст
        原声 木 アコースティック 어쿠스틱
    """,
    "electric": """
        electric elec el elek ele elc eletrica electrica elettrica electrique elektrisch elektrische
        elektro elektryczna elektrisk dist distorted distortion overdrive overdriven drive clean
        crunch crunchy dirty fuzz fuzzy hi_gain high_gain higain wah lead_tone tremolo verzerrt
        дисторшн перегруз электро электрическая клин кранч
        电 電 清音 失真 エレキ エレクトリック クリーン ディストーション 일렉
    """,
    "acoustic guitar": """
        agtr ag agt acgtr ac_gtr ac_gt ac_git a_gtr a_guitar a_git a_gitarre a_gt akgit akustikgitarre
        nylon nylon_gtr nylon_guitar classical_guitar classical_gtr konzertgitarre spanish_guitar
        spanish_gtr flamenco steel_string steel_string_guitar 12_string 12_str 12str twelve_string
        12_string_guitar uke ukulele ukelele ukulelele banjo bjo mandolin mando mandoline mandolino
        mandola bandolim bandurria dobro resonator violao guitarra_criolla guitarra_espanola cavaquinho
        charango cuatro bouzouki bozouki dulcimer autoharp westerngitarre wandergitarre folk_guitar
        balalaika requinto vihuela lute laute taylor martin_guitar
        укулеле балалайка банджо мандолина
        木吉他 民谣吉他 民謠吉他 古典吉他 原声吉他 尤克里里 アコギ アコースティックギター ガットギター ウクレレ バンジョー
        マンドリン 통기타
    """,
    "electric guitar": """
        egtr eg egt elgtr el_gtr e_gtr e_guitar e_git e_gitarre egitarre e_gt elgit elec_gtr lead_guitar
        lead_gtr lead_gt leadguitar leadgtr ld_gtr ld_guitar sologitarre solo_gtr solo_guitar
        rhythm_guitar rhythm_gtr rhy_gtr rtm_gtr rhythmusgitarre strat stratocaster tele telecaster
        les_paul lespaul lp humbucker rickenbacker ric gretsch ibanez hollowbody hollow_body
        semi_hollow baritone_guitar bari_gtr baritone_gtr lap_steel lapsteel pedal_steel pedalsteel
        slide_guitar slide_gtr slide ebow e_bow guitar_amp gtr_amp marshall mesa mesa_boogie jcm jcm_800
        ac_30 vox_ac_30 vox_ac_30 5150 twin_reverb fender_twin deluxe_reverb powerchords shred
        guitar_solo gtr_solo wah_guitar kemper axefx axe_fx helix
        соло_гитара ритм_гитара электрогитара электруха
        电吉他 電吉他 主音吉他 节奏吉他 節奏吉他 失真吉他 エレキギター エレクトリックギター リードギター リズムギター
        바리톤기타 일렉기타
    """,
    "amp": "amp amps ampli amplifier cab cabinet cabs verstarker комбик усилитель 音箱 アンプ 앰프",
    "solo": "solo soli solos соло 独奏 獨奏 ソロ 솔로",
    "rhythm": "rhythm rhy rhyth rtm rythm rhythmus ritmo ritmica rythmique ритм 节奏 節奏 リズム 리듬",
    # Keys
    "piano": """
        piano pno pian pf pianoforte grand grand_piano upright_piano epiano e_piano ep el_piano
        electric_piano elec_piano el_pno e_pno elpiano rhodes rhode wurli wurly wurlitzer wurl clav clavi
        clavinet klavinet harpsichord cembalo clavecin clavicembalo klavier flugel fluegel steinway
        honky_tonk honkytonk tack_piano celesta celeste mellotron melltron cp_70 cp_80 toy_piano
        accordion akkordeon accordeon acordeon fisarmonica sanfona gaita_ponto bandoneon concertina
        melodica spinet clavichord yamaha_grand felt_piano upright_pno fortepiano
        рояль пианино фортепиано пиано родес клавесин аккордеон баян
        钢琴 鋼琴 电钢琴 電鋼琴 电钢 大键琴 手风琴 手風琴 钢片琴 ピアノ エレピ エレクトリックピアノ ローズ クラビネット
        チェンバロ アコーディオン 피아노 아코디언
    """,
    "keys": """
        key keyboard kb kbd keyb kys kboard keybord tasten tastatur tastiera tastiere clavier claviers
        teclado teclados toetsen klawisze klaviatur nord nord_stage
        клавиши клавишные клавиша
        键盘 鍵盤 キーボード 鍵盤楽器 키보드 건반
    """,
    "organ": """
        organ org hammond b_3 b3 c_3 leslie orgel orgue organo orgao farfisa vox_continental vox_organ
        harmonium church_organ pipe_organ kirchenorgel organy tonewheel
        орган хаммонд
        风琴 風琴 管风琴 オルガン ハモンド 오르간
    """,
    "synth": """
        synth syn synthesizer synthesiser synt synths synthi sintetizador sintetizzatore synthetiseur
        sinte sint syntezator moog minimoog juno jupiter prophet dx_7 dx7 arp arpeggio arpeggiator
        arpegio arpege arpeggi saw supersaw super_saw sawtooth pluck seq sequence sequencer sequenz
        synth_lead lead_synth synthlead serum sylenth omnisphere virus access_virus oberheim
        obx ob_x ob_6 ms_20 ms20 korg juno_106 jx_8 sh_101 sh101 modular eurorack chiptune chip_lead
        square_lead saw_lead theremin stab stabs vocoder talkbox hoover acid bleep blip fm_synth analog
        analogsynth wavetable trance_lead
        синт синтезатор синтез синты арпеджио арп
        合成器 合成 合成主音 シンセ シンセサイザー シンセリード アルペジオ 신스 신디 신디사이저
    """,
    "pad": """
        pad pads drone drones swell swells texture textures soundscape atmo atmos_pad atmosphere flache
        flachen synthflache klangteppich nappe nappes synth_pad warm_pad sustain_pad tappeto colchon
        пад пэд подклад
        铺底 舖底 パッド 패드
    """,
    # Orchestra
    "strings": """
        string str strs violin violine vln vl vlns violins vn viola vla vlas bratsche alto_violin cello
        vlc vc violoncello violoncelle violoncelo violonchelo celli cellos celo fiddle fidl geige
        geigen streicher cordes cuerda cuerdas corda cordas archi arco quartet string_quartet quartett
        streichquartett violino violini violon violons violines strijkers strakar skrzypce
        smyczki orchestra orch orchester orchestre orquesta orquestra harp harfe harpe arpa harpa erhu
        guzheng pipa koto shamisen sitar sarod sarangi oud pizzicato pizz spiccato legato_strings
        tremolo_strings solina string_machine string_ensemble strings_ensemble mellotron_strings
        string_section nyckelharpa hardanger pedal_harp
        скрипка скрипки альт виолончель струнные арфа струны квартет оркестр
        弦乐 弦樂 小提琴 中提琴 大提琴 二胡 古筝 古箏 琵琶 竖琴 豎琴 提琴 ストリングス バイオリン ヴァイオリン ビオラ
        ヴィオラ チェロ ハープ 琴 三味線 箏 스트링 스트링스 바이올린 첼로
    """,
    "brass": """
        brass trumpet tpt trpt trp trump trompete trompette trompeta tromba trombe trombone
        tbn trb trbn tbone posaune trombon trombao horn hrn hn french_horn fr_horn waldhorn cor corno
        trompa tuba flugelhorn fluegelhorn flugel_horn flughorn cornet kornett corneta euphonium sousaphone
        baritone_horn blechblaser blaser cuivre cuivres metales metais ottoni fiati horn_section
        brass_section hrns horns blazers koper blas bass_trombone bugle saxhorn
        труба тромбон валторна туба медные духовые дудки
        铜管 銅管 小号 小號 长号 長號 圆号 圓號 大号 大號 短号 ブラス トランペット トロンボーン ホルン チューバ
        브라스 트럼펫 트롬본
    """,
    "woodwind": """
        woodwind woodwinds wind winds ww flute flt fl flote floete flauta flauto flut piccolo picc clarinet
        clari klarinette clarinette clarinete clarinetto clar clrt oboe obo ob hautbois oboe_damore
        english_horn cor_anglais corno_inglese englischhorn bassoon bsn bssn fagott fagotto basson fagote
        fagot contrabassoon saxophone sax saxofon saxofone sassofono saxo saxophon saks alto_sax
        tenor_sax bari_sax baritone_sax soprano_sax sop_sax ten_sax sxs asax tsax bsax recorder
        blockflote blockfloete whistle tin_whistle pan_flute panflute panflote pan_pipe shakuhachi
        bagpipe dudelsack gaita cornemuse harmonica mouth_harp mundharmonika armonica gaita_boca blues_harp
        holzblaser bois maderas madeiras legni ocarina duduk bass_clarinet bass_flute alto_flute didgeridoo
        ney fife
        флейта кларнет гобой фагот саксофон сакс дудук губная_гармошка деревянные
        长笛 長笛 单簧管 單簧管 双簧管 雙簧管 巴松 萨克斯 薩克斯 木管 竹笛 笛子 笛 箫 唢呐 口琴 短笛
        サックス フルート クラリネット オーボエ ファゴット 尺八 ハーモニカ 木管楽器 색소폰 플루트 클라리넷
    """,
    # Voices
    "vocal": """
        vocal vox voc vocl vcl vx vo vocals voco vokal voice voices voix voz voces voce voci vozes stimme
        stimmen gesang chant chanteur chanteuse canto cantante sing singer singing singstimme sang sanger
        sangerin zang stem_zang rost wokal glos wokale spiew rap rapper rapping mc speech spoken
        spoken_word sprache sprecher narration narrator dialog dialogue voiceover voice_over male_vox
        female_vox voxs voxes chops vocal_chop vocal_chops scream screams growl verse_vox
        вокал голос голоса вок рэп реп пение скрим
        人声 人聲 演唱 歌声 歌聲 唱 歌 男声 女声 男聲 女聲 说唱 旁白 ボーカル ヴォーカル 歌唱 ボイス ラップ 仮歌
        보컬 노래 랩
    """,
    "lead vocal": """
        hauptstimme leadgesang lead_vox lead_vocal leadvox leadvocal ldvox ldvx ld_vox ld_vx lv lvox lvoc
        ldvoc l_vox lead_vx voix_lead voz_principal lead_voice main_vocal main_vox hauptgesang chant_lead
        solo_vox solo_vocal solista voix_principale voce_principale voce_solista voz_solista
        主唱 主人声 主人聲 领唱 領唱 メインボーカル リードボーカル 메인보컬 리드보컬
    """,
    "lead": """
        lead ld led lead_line main principal principale haupt лид главный основной
        主 主音 リード メイン 메인 리드
    """,
    "back": """
        back backing background bg bk bkg bkgd bkgr bgd backup back_up backs coro_back hintergrund
        begleit zweit zweitstimme fond secondaire segunda fundo apoyo apoio бэк бек подпев
        背景 バック バッキング 백 백업
    """,
    "choir": """
        bgv bgvs bv bvs bvox bvoc bkv bkvox bgvox bgvoc bvx bckv backing_vocal backing_vox back_vox
        background_vocal harmony harmonies harm harms harmo hrm choir chor choral chore choeur choeurs coro
        coros coral cori coroor gang gang_vocal gang_vox crowd_vox group_vox stack vox_stack ooh oohs
        oo ooos aah aahs ah ahs ooh_aah oohs_aahs la_la la_las doo_wop adlib adlibs ad_lib ad_libs
        backgroundgesang hintergrundgesang chorgesang backvox backvocal backingvocals zweite_stimme
        kor koor achtergrond achtergrondzang chorki chorek vocal_harmony unison_vox seconda_voce
        seconde_voix segunda_voz hook_vox
        бэк_вокал бэквокал бэки беки бэк подпевка подпевки хор
        和声 和聲 伴唱 合唱 和音 背景人声 合声 唱诗班 コーラス ハモリ バックコーラス ハモ 合唱団 코러스 화음 합창
    """,
    "register": """
        soprano alto tenor baritone bari sopran bariton mezzo contralto countertenor basso_voce сопрано
        тенор баритон 女高音 男高音 女低音 男低音 ソプラノ アルト テノール
    """,
    # What is not an instrument
    "reverb": """
        reverb verb rvb rvrb vrb reverberation delay dly dla dlay echo efx fx effect effects
        effekt effekte effet effets efecto efectos efeito efeitos effetto effetti riverbero
        reverbero eco hall_reverb plate_reverb spring_reverb room_verb room_reverb chorus_fx flanger
        phaser harmonizer microshift doubler_fx slapback slap_back slap_delay tape_delay tape_echo ping_pong
        pingpong lexicon valhalla echoplex space_echo h_delay emt_140 convolution nachhall retard
        efekt efekty galm eko
        реверб ревер ревербератор дилей делей эхо эффект эффекты
        混响 混響 延迟 延遲 效果 回声 リバーブ ディレイ エコー エフェクト 리버브 딜레이 이펙트
    """,
    "place": "rev plate hall spring chamber slap throw throws shimmer ambience_fx platte зал плейт プレート ホール",
    "sfx": """
        sfx riser risers uplifter downlifter sweep sweeps impact impacts whoosh noise noises white_noise
        sound_effect sound_effects foley boom booms braam reverse_crash atmos soundfx rise downer vinyl
        crackle rain thunder wind_noise siren glitch glitches transition noise_sweep gerausch bruit
        bruitage ruido rumore шум шумы звуки 音效 噪音 雨声 效果音 ノイズ 노이즈
    """,
    "bus": """
        bus buss aux return rtn ret send snd bounce_bus fx_bus group grp subgroup submix sum sammler
        gruppe groupe grupo gruppo шина группа посыл 总线 編組 编组
    """,
    "click": """
        click clk klick clic klik metronome metro metronom metronomo metronomes cue cues count count_in
        countin talkback talk_back slate timecode time_code smpte ltc midi_clock guide_track tempo
        claqueta metronom_klick
        метроном клик
        节拍器 節拍器 クリック メトロノーム ガイドクリック 메트로놈 클릭
    """,
    "print": """
        ref reference refs referenz referencia reference_mix print prints mixdown mix_down premix rough
        rough_mix roughmix mix mixes master mastered mstr 2_mix 2mix 2_track 2trk two_track two_mix stereo_mix
        stereo_out main_out main_mix final_mix demo_mix full_mix demo guide scratch_track pilot
        backing_track backing_tracks playback instrumental karaoke minus_one summe summenmix mezcla mixage
        missaggio mixagem mastering release mp3_ref rendered_mix mix_print printed_mix
        референс мастер микс сведение минусовка минус
        参考 混音 母带 伴奏 リファレンス マスター ミックス カラオケ 레퍼런스 마스터
    """,
    "other": """
        audience aud crowd applause applaus publikum public publico pubblico cheering turntable turntables
        scratches dj sample samples spoken_sample field_recording stage_noise
        аплодисменты публика
        掌声 观众 観客 拍手喝采 サンプル 관객
    """,
    # What says nothing about the role, and may be glued to what does
    "plain": """
        in inside out outside top bot bottom btm under up down dn close clos far near mid middle side front
        rear left right lft rgt lt rt l r c ctr center centre mono stereo st ms xy ortf blumlein
        spaced hi high lo low hoch tief links rechts oben unten innen aussen gauche droite dessus dessous
        dedans dehors izq izquierda der derecha dentro fuera arriba abajo sinistra destra sopra sotto dx
        sx esquerda direita cima baixo_mic dentro_mic левый правый лев прав верх низ внутри снаружи
        左 右 上 下 内 外 前 后 後 左声道 右声道 ステレオ モノ
        mic mics mike micro mikro mikrofon microphone microfono микрофон микро 话筒
        麦克风 麦 マイク di d_i direct line linea ligne linie dry wet raw trig trigger triggered sample_trig
        gate gated comp compressed parallel para pll crush crushed smash smashed nyc squash eq tuned
        melodyne autotune tune edited edit edits cut clean_up consolidated cons bounce bounced bnc render
        rendered frozen freeze stem stems audio wav track trk tk tr spur piste pista traccia faixa pistas
        дорожка трек 轨 軌 音轨 トラック take takes tke takemix prise toma ripresa tomada aufnahme дубль
        дубли テイク double dbl doubled doubler double_track dobl dub dubs overdub od duplicate
        dup copy kopie copie copia кopия копия 副本 複製 コピー alt alternate alternative old new neu nouveau
        nuevo nuovo novo новый final finale fin last best good ok keep use used unused muted mute bak backup_copy
        orig original v ver version vers version_2 vs fix fixed punch punches layer layers layered extra add
        additional octave oct octave_up octave_down unison uni quad quads pan panned wide narrow part parts pt
        section intro verse verses vers_1 strophe couplet estrofa strofa verso pre prechorus pre_chorus
        chorus chorusses ch refrain ref_chorus estribillo ritornello refrao bridge brg bg_bridge outro
        interlude middle_8 hook drop breakdown build coda ending end start припев куплет бридж интро
        副歌 主歌 桥段 间奏 サビ メロ イントロ アウトロ loud soft quiet
        sm sm_57 sm57 sm_7 sm7 sm_58 beta beta_52 beta_91 57 58 421 md_421 md421 441 d_112 d112 d_6 d6 re_20
        re20 u_87 u87 u_47 u47 u_67 u67 km_84 km84 km_184 414 c_414 c414 c_12 4038 r_121 r121 ribbon ribn
        rode neumann akg shure senn sennheiser coles royer beyer m_160 m160 m_88 m88 audix earthworks pzm e_602
        e_604 e_609 e_906 e906 i_5 i5 condenser cond dyn dynamic tube fet ksm nt_1 nt1 nt_5 ns_10 ns10
        api neve ssl avalon pre_amp preamp dpa schoeps
        male female man woman boy girl guy girls boys chorusvox my the a an and und et y with mit avec con
        of de du la le les der die das 1st 2nd 3rd first second third one two three four i ii iii iv big
        small little long short fast slow picked fingered finger fingerstyle pick open closed hit hits
        single bright dark warm fat phat thin heavy light sweet hard melody mel melodie melodia theme
        fill fills lick licks chord chords akkorde accords line_in pos neg inv inverted phase polarity
        kopf takt bars bpm live studio session rec recorded
    """,
}
"""Words by what they say."""
